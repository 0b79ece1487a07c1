// Writes the manual pages to dist/man and the completion files to dist/completions.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { commandList } from '../src/cli/command-list.ts'
import { completionScript, shells } from '../src/cli/completion-scripts.ts'
import { version } from '../src/config/own-version.ts'
import { completionFile } from './completion-file.ts'
import { manualPages } from './manual/manual-pages.ts'

const dist = resolve(import.meta.dirname, '../dist')

// Reproducible builds set it to seconds since 1970: https://reproducible-builds.org/specs/source-date-epoch
const epoch = process.env['SOURCE_DATE_EPOCH']
const date = (epoch ? new Date(Number(epoch) * 1000) : new Date()).toISOString().slice(0, 10)

write(
  'man',
  manualPages(commandList, { version: version(), date }).map(({ file, text }) => [file, text]),
)
write(
  'completions',
  shells.map((shell) => [completionFile(shell), `${completionScript(shell)}\n`]),
)

function write(folder: string, files: readonly (readonly [string, string])[]): void {
  const path = join(dist, folder)
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  for (const [name, text] of files) writeFileSync(join(path, name), text)
}
