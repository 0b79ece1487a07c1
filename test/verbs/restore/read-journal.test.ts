import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CrosstrailError } from '../../../src/error.ts'
import { journalEntries, readDeleteJournal } from '../../../src/verbs/restore/read-journal.ts'
import { copySource } from '../../../src/verbs/delete/source-copy.ts'
import { Journal } from '../../../src/work/journal.ts'
import type { Outcome } from '../../../src/work/outcome.ts'
import { collected, head, log, trail } from '../delete/plan-world.ts'

let folder: string
let files = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-journal-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function journal(about: Readonly<Record<string, unknown>> = {}): Journal {
  const options = { versions: false, versioning: 'enabled' }
  return new Journal(join(folder, `${++files}.ndjson`), {
    run: 'r',
    verb: 'delete',
    trail,
    selection: head.selection,
    options,
    ...about,
  })
}

const done = (serial: number, markerVersionId?: string): Outcome => ({
  status: 'done',
  account: 'Z',
  object: log(serial),
  bytes: 10,
  ...(markerVersionId !== undefined && { detail: { markerVersionId } }),
})
const failed = (serial: number, error: CrosstrailError): Outcome => ({
  status: 'failed',
  account: 'Z',
  object: log(serial),
  error,
})

const stateFolder = () => join(folder, 'state')
const { signal } = new AbortController()
const read = async (file: string) =>
  readDeleteJournal(await copySource(file, { stateFolder: stateFolder(), signal }), trail, signal)

async function entriesAfter(...outcomes: readonly Outcome[]) {
  const written = journal()
  for (const outcome of outcomes) written.intend('Z', log(0, { key: outcome.object.key }))
  for (const outcome of outcomes) written.add(outcome)
  written.sync()
  const copy = await copySource(written.file, { stateFolder: stateFolder(), signal })
  const entries = await collected(journalEntries(copy, trail, signal))
  return entries.map(({ object, markerVersionId }) => [object.key, markerVersionId])
}

test('an answered delete has its marker', async () => {
  expect(await entriesAfter(done(1, 'm1'))).toEqual([[log(1).key, 'm1']])
})

test.each<readonly [string, Outcome]>([
  ['an answer that names no marker', done(1)],
  ['a marker whose name is null', done(1, 'null')],
  ['a lost answer', failed(1, new CrosstrailError('network.short-answer', 'no answer'))],
  ['a failure of the server', failed(1, new CrosstrailError('bucket.server-error', '500'))],
])('a delete with %s may have happened', async (_name, outcome) => {
  expect(await entriesAfter(outcome)).toEqual([[log(1).key, undefined]])
})

test('a refused delete did not happen', async () => {
  expect(await entriesAfter(failed(1, new CrosstrailError('object.changed', 'replaced')))).toEqual([])
})

test('a delete without an answer may have happened, and a last line that was cut off is ignored', async () => {
  const written = journal()
  written.intend('Z', log(1))
  written.sync()
  appendFileSync(written.file, '{"status":"intended","key":"AWSL')
  expect(await read(written.file)).toMatchObject({ accounts: ['Z'], done: 0, unanswered: 1 })
})

test('refuses a journal with a key outside the trail', async () => {
  const written = journal()
  written.intend('Z', log(1, { key: 'secrets/key' }))
  written.sync()
  await expect(read(written.file)).rejects.toThrow(expect.objectContaining({ code: 'usage.not-a-journal' }))
})

test.each([
  ['another bucket', { trail: { ...trail, bucket: 'example-other-logs' } }, 'usage.journal-foreign'],
  ['another prefix', { trail: { ...trail, prefix: 'other' } }, 'usage.journal-foreign'],
  ['versions', { options: { versions: true, versioning: 'enabled' } }, 'usage.journal-versions'],
  ['a bucket without versions', { options: { versions: false, versioning: 'off' } }, 'usage.journal-unversioned'],
  ['another verb', { verb: 'download' }, 'usage.not-a-journal'],
])('refuses the journal of %s', async (_name, about, code) => {
  const written = journal(about)
  await expect(read(written.file)).rejects.toThrow(expect.objectContaining({ code }))
})

test.each(['', 'no JSON\n', '[]\n', 'null\n'])('refuses %j as a journal', async (text) => {
  const file = join(folder, `${++files}.ndjson`)
  writeFileSync(file, text)
  await expect(read(file)).rejects.toThrow(expect.objectContaining({ code: 'usage.not-a-journal' }))
})
