import { main } from './main.ts'

// Without `await` at the top: what is bundled as CommonJS has none.
void main(process.argv.slice(2), process).then((code) => process.exit(code))
