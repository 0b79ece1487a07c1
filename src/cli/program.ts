import { main } from './main.ts'

// No top-level `await`, because the bundle is CommonJS
void main(process.argv.slice(2), process).then((code) => process.exit(code))
