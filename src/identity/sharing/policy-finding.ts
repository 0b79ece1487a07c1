import type { PolicyStatement } from '../policy-document.ts'

/** What is wrong with a policy somebody has. No external ID is in it but in `add`. */
export interface PolicyFinding {
  /** `unclear`: it hangs on something that only AWS can tell. */
  readonly kind: 'missing' | 'wide' | 'unclear'
  /** The statement it is about: its Sid or its number. Undefined where one is missing. */
  readonly statement?: string | undefined
  readonly message: string
  readonly add?: PolicyStatement | undefined
}
