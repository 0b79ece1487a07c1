import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { newestDelete } from '../../../src/verbs/restore/newest-journal.ts'
import { Journal } from '../../../src/work/journal.ts'
import { head, trail } from '../delete/plan-world.ts'

let folder: string
const { signal } = new AbortController()
const newest = (of = folder) => newestDelete(of, trail, signal)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-newest-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function leaveJournal(name: string, about: Readonly<Record<string, unknown>> = {}): string {
  const options = { versions: false, versioning: 'enabled' }
  const journal = new Journal(join(folder, name), {
    verb: 'delete',
    trail,
    selection: head.selection,
    options,
    ...about,
  })
  journal.sync()
  return journal.file
}

test('the newest journal is that of the run that began last', async () => {
  leaveJournal('delete-20261101T120000Z-ffffff.ndjson')
  const last = leaveJournal('delete-20261102T120000Z-000000.ndjson')
  leaveJournal('delete-20261031T120000Z-ffffff.ndjson')
  expect(await newest()).toBe(last)
})

test('journals of other trails and verbs, plans and other files are ignored', async () => {
  const own = leaveJournal('delete-20261101T120000Z-000001.ndjson')
  leaveJournal('delete-20261102T120000Z-000001.ndjson', { trail: { ...trail, bucket: 'other-logs' } })
  leaveJournal('delete-20261102T120000Z-000002.ndjson', { trail: { ...trail, owner: '333333333333' as AccountId } })
  leaveJournal('delete-20261102T120000Z-000003.ndjson', { trail: { ...trail, prefix: 'other' } })
  leaveJournal('delete-20261102T120000Z-000004.ndjson', { trail: { ...trail, organization: 'o-abcdefghij' } })
  leaveJournal('delete-20261102T120000Z-000005.ndjson', { verb: 'copy' })
  leaveJournal('restore-20261103T120000Z-000000.ndjson')
  leaveJournal('plan-20261103T120000Z-000000.ndjson')
  writeFileSync(join(folder, 'delete-20261104T120000Z-000001.ndjson'), '')
  writeFileSync(join(folder, 'delete-20261104T120000Z-000002.ndjson'), 'text\n')
  writeFileSync(join(folder, 'delete-20261104T120000Z-000003.ndjson'), '{"journal":"crosstrail"}')
  mkdirSync(join(folder, 'delete-20261104T120000Z-000004.ndjson'))
  symlinkSync(own, join(folder, 'delete-20261104T120000Z-000005.ndjson'))
  expect(await newest()).toBe(own)
})

test('a delete that cannot be undone is found too', async () => {
  leaveJournal('delete-20261101T120000Z-000000.ndjson')
  const last = leaveJournal('delete-20261102T120000Z-000000.ndjson', { options: { versions: true } })
  expect(await newest()).toBe(last)
})

test('a folder without journals, or that does not exist, has none', async () => {
  await expect(newest()).rejects.toMatchObject({ code: 'usage.no-journal' })
  await expect(newest(join(folder, 'missing'))).rejects.toMatchObject({ code: 'usage.no-journal' })
})

test('a folder that cannot be read is an error', async () => {
  writeFileSync(join(folder, 'file'), '')
  await expect(newest(join(folder, 'file'))).rejects.toMatchObject({ code: 'object.path-occupied' })
})
