// Writes docs/CLI.md from the commands. With --check it only compares, and fails if they differ.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cliReference } from './cli-reference.ts'

const file = new URL('../docs/CLI.md', import.meta.url)
const wanted = cliReference()

if (process.argv.includes('--check')) {
  if (currentText() !== wanted) {
    console.error('docs/CLI.md differs from the commands: run npm run docs')
    process.exitCode = 1
  }
} else {
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, wanted)
}

function currentText(): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    console.error(`docs/CLI.md cannot be read: ${String(error)}`)
    return ''
  }
}
