import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FileLine } from '../../../src/disk/file-lines.ts'
import { copySource } from '../../../src/verbs/delete/source-copy.ts'
import { codeOfAsync } from '../../disk/error-code.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { collected } from './plan-world.ts'

const lines = Array.from({ length: 20_000 }, (_, at) => `{"line":${at}}`)
const text = lines.map((line) => `${line}\n`).join('')

function world() {
  const folder = tempFolder()
  const stop = new AbortController()
  const file = join(folder, 'plan.ndjson')
  const request = { stateFolder: join(folder, 'state'), signal: stop.signal }
  return { file, stop, state: request.stateFolder, copy: () => copySource(file, request) }
}

const { signal } = new AbortController()
const textsOf = async (of: AsyncIterable<FileLine>) => (await collected(of)).map(({ text }) => text)

test.each<readonly [string, (file: string) => void]>([
  ['written over', (file) => writeFileSync(file, text.replaceAll('1', '2'))],
  ['cut off', (file) => truncateSync(file, 100)],
  ['removed', (file) => rmSync(file)],
])('a copy keeps what was read even if the file is %s meanwhile', async (_how, change) => {
  const { file, copy } = world()
  writeFileSync(file, text)
  const copied = await copy()
  expect(copied.isLasting).toBe(true)
  const first = copied.lines(signal)
  expect((await first.next()).value).toEqual({ text: lines[0], ended: true })
  change(file)
  expect(await textsOf(first)).toEqual(lines.slice(1))
  expect(await textsOf(copied.lines(signal))).toEqual(lines)
  copied.close()
})

test('a copy has no name, and leaves nothing behind', async () => {
  const { file, state, copy } = world()
  writeFileSync(file, text)
  const copied = await copy()
  expect(readdirSync(state, { recursive: true })).toEqual(['tmp'])
  copied.close()
  expect(readdirSync(state, { recursive: true })).toEqual(['tmp'])
})

test('marks a last line without a newline as cut off', async () => {
  const { file, copy } = world()
  writeFileSync(file, 'a\nb')
  expect(await collected((await copy()).lines(signal))).toEqual([
    { text: 'a', ended: true },
    { text: 'b', ended: false },
  ])
})

test('reads a FIFO to its end, even if its writer starts late and pauses', async () => {
  const { file, copy } = world()
  execFileSync('mkfifo', [file])
  const writing = spawn('sh', ['-c', `sleep 0.3; exec > ${file}; sleep 0.3; echo a; sleep 0.3; echo b`])
  const copied = await copy()
  expect(copied.isLasting).toBe(false)
  expect(await textsOf(copied.lines(signal))).toEqual(['a', 'b'])
  writing.kill()
})

test('reads more from a FIFO than it holds at a time', async () => {
  const { file, copy } = world()
  execFileSync('mkfifo', [file])
  const [copied] = await Promise.all([copy(), writeFile(file, text)])
  expect(await textsOf(copied.lines(signal))).toEqual(lines)
})

test('can be interrupted while nothing is written to a FIFO', async () => {
  const { file, copy, stop, state } = world()
  execFileSync('mkfifo', [file])
  setTimeout(() => stop.abort(), 100)
  expect(await codeOfAsync(copy)).toBe('interrupted')
  expect(readdirSync(state, { recursive: true })).toEqual(['tmp'])
})

test('refuses a line without an end', async () => {
  const { stop, state } = world()
  const request = { stateFolder: state, signal: stop.signal }
  expect(await codeOfAsync(() => copySource('/dev/zero', request))).toBe('usage.unreadable-file')
  expect(readdirSync(state, { recursive: true })).toEqual(['tmp'])
})

test.each(['a folder', 'missing'])('refuses a source that is %s', async (what) => {
  const { file, state, stop } = world()
  const source = what === 'missing' ? file : tempFolder()
  const request = { stateFolder: state, signal: stop.signal }
  expect(await codeOfAsync(() => copySource(source, request))).toBe('usage.unreadable-file')
})
