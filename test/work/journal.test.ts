import { randomUUID } from 'node:crypto'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { ownDisk } from '../own-disk.ts'
import { Journal } from '../../src/work/journal.ts'
import type { Outcome } from '../../src/work/outcome.ts'
import { TallyCounter } from '../../src/work/tally.ts'
import { describeUnless } from '../describe-unless.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const object = { key: 'a\u0007b', sizeBytes: 5, etag: 'e', lastModifiedMs: 0, storageClass: 'STANDARD' }
const outcomes: Outcome[] = [
  { status: 'done', account: 'B', object, bytes: 5, detail: { path: 'x' } },
  { status: 'skipped', account: 'B', object, reason: 'present' },
  { status: 'failed', account: 'B', object, error: new CrosstrailError('object.gone', 'gone') },
]

function lines(file: string): unknown[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

function isLinkTo(link: string, file: string): boolean {
  try {
    return readlinkSync(link) === file
  } catch {
    // The descriptor that read the folder is closed by now.
    return false
  }
}

describe('a journal', () => {
  it('has a head, a line per outcome, and a last line that says how the run ended', () => {
    const journal = new Journal(join(folder, 'deep', 'j.ndjson'), { run: 'r', verb: 'download' })
    for (const outcome of outcomes) journal.add(outcome)
    journal.close(new TallyCounter().snapshot(), false)
    const [head, ...rest] = lines(journal.file)
    expect(head).toMatchObject({ journal: 'crosstrail', version: 1, run: 'r', verb: 'download' })
    expect(rest).toMatchObject([
      { status: 'done', account: 'B', key: 'a\u0007b', bytes: 5, path: 'x' },
      { status: 'skipped', reason: 'present' },
      { status: 'failed', code: 'object.gone', message: 'gone' },
      { interrupted: false, done: 0 },
    ])
  })

  it('writes every text and number as JSON.stringify does', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.double(), fc.boolean())
    const named = fc.record({ key: fc.string({ unit: 'binary' }), etag: fc.string(), sizeBytes: fc.nat() })
    const details = fc.dictionary(fc.stringMatching(/^[a-z]{3,9}[A-Z]$/), value)
    fc.assert(
      fc.property(fc.nat(), fc.string(), named, details, (number, account, named, detail) => {
        const journal = new Journal(join(folder, `${number}-${randomUUID()}.ndjson`), {})
        journal.add({ status: 'done', account, object: { ...object, ...named }, bytes: 1, detail })
        journal.add({ status: 'failed', account, object, error: new CrosstrailError('object.gone', named.key) })
        journal.sync()
        const { key, sizeBytes, etag } = named
        const whole = { status: 'done', account, key, sizeBytes, etag, bytes: 1, ...detail }
        expect(lines(journal.file).slice(1)).toEqual([
          JSON.parse(JSON.stringify(whole)),
          expect.objectContaining({ status: 'failed', message: key }),
        ])
      }),
    )
  })

  it('has its head on disk before anything is done', () => {
    const journal = new Journal(join(folder, 'j.ndjson'), { run: 'r' })
    expect(lines(journal.file)).toMatchObject([{ run: 'r' }])
  })

  it('has intended actions on disk after a sync', () => {
    const journal = new Journal(join(folder, 'j.ndjson'), { run: 'r' })
    journal.intend('B', object, 'v1')
    journal.sync()
    expect(lines(journal.file).at(-1)).toMatchObject({
      status: 'intended',
      account: 'B',
      key: 'a\u0007b',
      etag: 'e',
      versionId: 'v1',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
    })
  })

  it('is readable only by its owner', () => {
    const { file } = new Journal(join(folder, 'deep', 'j.ndjson'), {})
    expect([statSync(file).mode & 0o777, statSync(join(folder, 'deep')).mode & 0o777]).toEqual([0o600, 0o700])
  })

  it('never replaces another journal', () => {
    writeFileSync(join(folder, 'j.ndjson'), 'mine')
    expect(() => new Journal(join(folder, 'j.ndjson'), {})).toThrow(expect.objectContaining({ code: 'disk.journal' }))
  })
})

describeUnless(
  process.platform === 'linux' ? undefined : "it takes Linux's /dev/full and /proc",
  'a journal on a disk that fails for one line and would accept the next',
  () => {
    it.each([
      ['written', '/dev/full', 'disk.full'],
      // Written, but never synced.
      ['synced', '/dev/null', 'disk.journal'],
    ])('never claims to be on disk after a line that could not be %s', (_, refusing, code) => {
      const journal = new Journal(join(folder, 'j.ndjson'), { run: 'r' })
      const descriptor = readdirSync('/proc/self/fd').find((fd) => isLinkTo(`/proc/self/fd/${fd}`, journal.file))
      const reopen = (path: string) => {
        closeSync(Number(descriptor))
        // The lowest free descriptor: the journal's.
        expect(openSync(path, 'a')).toBe(Number(descriptor))
      }
      reopen(refusing)
      journal.intend('B', object)
      expect(() => journal.sync()).toThrow(expect.objectContaining({ code }))
      reopen(journal.file)
      journal.intend('B', object)
      expect(() => journal.sync()).toThrow(expect.objectContaining({ code }))
      journal.close(new TallyCounter().snapshot(), false)
      expect(lines(journal.file)).toHaveLength(1)
    })
  },
)

it('leaves no file open if a full disk prevents the journal', ({ skip }) => {
  const disk = ownDisk('size=16k')
  if (disk === undefined) return skip()
  expect(() => writeFileSync(join(disk, 'full'), Buffer.alloc(100_000))).toThrow(/ENOSPC/)
  const file = join(disk, 'j.ndjson')
  expect(() => new Journal(file, { run: 'r' })).toThrow(expect.objectContaining({ code: 'disk.full' }))
  expect(readdirSync('/proc/self/fd').filter((fd) => isLinkTo(`/proc/self/fd/${fd}`, file))).toEqual([])
})
