import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { newestDelete } from '../../../src/verbs/delete/newest-journal.ts'
import { Journal } from '../../../src/work/journal.ts'
import { head, trail } from './plan-world.ts'

let folder: string
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

test('the newest is the one whose run began last', () => {
  leaveJournal('delete-20261101T120000Z-ffffff.ndjson')
  const newest = leaveJournal('delete-20261102T120000Z-000000.ndjson')
  leaveJournal('delete-20261031T120000Z-ffffff.ndjson')
  expect(newestDelete(folder, trail)).toBe(newest)
})

test('journals of other trails and verbs, plans and what is no journal are passed over', () => {
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
  expect(newestDelete(folder, trail)).toBe(own)
})

test('a delete without a marker is one too: the newest is offered, whatever it can bring back', () => {
  leaveJournal('delete-20261101T120000Z-000000.ndjson')
  const newest = leaveJournal('delete-20261102T120000Z-000000.ndjson', { options: { versions: true } })
  expect(newestDelete(folder, trail)).toBe(newest)
})

test('a folder without journals, or that is not there, has none', () => {
  expect(newestDelete(folder, trail)).toBeUndefined()
  expect(newestDelete(join(folder, 'missing'), trail)).toBeUndefined()
})

test('a folder that cannot be read is an error', () => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => newestDelete(join(folder, 'file'), trail)).toThrow(
    expect.objectContaining({ code: 'object.path-occupied' }),
  )
})
