// Writes docs/CLI.md from the commands themselves; with --check it only says whether the file is up to date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cliReference } from './cli-reference.ts'

const file = new URL('../docs/CLI.md', import.meta.url)
const wanted = cliReference()

if (process.argv.includes('--check')) {
  if (currentText() !== wanted) {
    console.error('docs/CLI.md is not what the commands say: run npx tsx scripts/generate-cli-docs.ts')
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
