import { testMutations } from './mutations.ts'

testMutations(0.5)
