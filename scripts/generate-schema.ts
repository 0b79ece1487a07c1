// Writes config/crosstrail.schema.json from the schema in src/config. With --check it only compares, and fails if they differ.
import { readFileSync, writeFileSync } from 'node:fs'

import { configJsonSchema } from '../src/config/json-schema.ts'

const file = new URL('../config/crosstrail.schema.json', import.meta.url)
const schema = `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`

if (!process.argv.includes('--check')) {
  writeFileSync(file, schema)
} else if (readFileSync(file, 'utf8') !== schema) {
  console.error('config/crosstrail.schema.json differs from src/config/schema.ts: run npm run docs')
  process.exitCode = 1
}
