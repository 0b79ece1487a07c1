import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeCoverageFile } from '../../../src/disk/coverage-file.ts'
import { CrosstrailError } from '../../../src/error.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { readCoverage } from '../../../src/verbs/pull/coverage-shape.ts'
import { Coverage, coverageOf } from '../../../src/verbs/pull/coverage.ts'
import { tempFolder } from '../../disk/temp-folder.ts'

const trail = { bucket: 'logs', prefix: '' }
const name = { logAccount: '222222222222' as AccountId, region: 'us-east-1', kind: 'events' } as const
const stream = { ...name, longestGapMs: 0, objects: 0, bytes: 0, owed: {}, missing: {}, seen: {} }
const whole = { trail, since: '2026-10-31T00:00:00.000Z', streams: [stream] }

function written(body: unknown): string {
  const folder = tempFolder()
  writeCoverageFile(folder, typeof body === 'string' ? body : JSON.stringify(body))
  return folder
}

test('reads coverage as it was written', () => {
  const coverage = new Coverage(trail, Date.UTC(2026, 9, 31))
  const filled = coverage.stream(name)
  filled.take([{ tail: '2026/11/01/a.json.gz', sizeBytes: 5, lastModifiedMs: 1_000 }], 2_000)
  filled.owed.set('2026/11/01/b.json.gz', { deliveredAtMs: 3_000, why: 'archived' })
  filled.missing.set('AWSLogs/c.json.gz', 4_000)
  filled.marks = { throughMs: 5_000, sweptMs: 6_000 }
  filled.lastSweepMs = 7_000
  coverage.target = 'events'
  coverage.discovered = { atMs: 8_000, scope: 'all' }
  coverage.uncheckedDigests.set('d', undefined)
  coverage.verified.set(name, 8_500)
  const part = { name: 'events-20261101T000000Z-0001-0123abcd.ndjson', bytes: 5, openedAtMs: 9_000 }
  coverage.sink = { files: { full: [part], growing: part }, ids: { '3600000': 2 } }
  // Reading fills in `newestListed` if it is missing, because what was taken was listed.
  const text = coverageOf(readCoverage(written(coverage.format())), trail)?.format()
  expect(text).toContain('"newestListed":"1970-01-01T00:00:01.000Z"')
  expect(coverageOf(readCoverage(written(String(text))), trail)?.format()).toBe(text)
})

test.each<readonly [string, unknown]>([
  ['trail', { nothing: true }],
  ['trail', { ...whole, trail: null }],
  ['trail', { ...whole, trail: { bucket: 'logs' } }],
  ['since', { ...whole, since: 'yesterday' }],
  ['discovered', { ...whole, discovered: { at: 5, scope: 'all' } }],
  ['uncheckedDigests', { ...whole, uncheckedDigests: [5] }],
  ['verified', { ...whole, verified: { '222222222222/us-east-1': { events: 'later' } } }],
  ['streams', { ...whole, streams: {} }],
  ['streams[0]', { ...whole, streams: [null] }],
  ['streams[1].kind', { ...whole, streams: [stream, { ...stream, kind: 'others' }] }],
  ['streams[0].logAccount', { ...whole, streams: [{ ...stream, logAccount: 222222222222 }] }],
  ['streams[0].region', { ...whole, streams: [{ ...stream, region: '../..' }] }],
  ['streams[0].through', { ...whole, streams: [{ ...stream, through: 'later' }] }],
  ['streams[0].objects', { ...whole, streams: [{ ...stream, objects: -1 }] }],
  ['streams[0].seen', { ...whole, streams: [{ ...stream, seen: { '2026/11/01': [1] } }] }],
  ['streams[0].owed', { ...whole, streams: [{ ...stream, owed: { a: null } }] }],
  ['streams[0].missing', { ...whole, streams: [{ ...stream, missing: [5] }] }],
  ['sink', { ...whole, sink: null }],
  ['sink', { ...whole, sink: { files: { full: [{ name: '../../file', bytes: 0, openedAtMs: 0 }] }, ids: {} } }],
  ['sink', { ...whole, sink: { files: { full: [] }, ids: { '../x': 1 } } }],
])('refuses coverage with a correct checksum but an invalid %s as damaged', (place, body) => {
  const folder = written(body)
  try {
    readCoverage(folder)
    expect.unreachable()
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    expect(error.code).toBe('coverage.damaged')
    const file = join(folder, 'coverage.json')
    expect(error.message).toBe(`the coverage ${file} has a correct checksum but invalid content: ${place}`)
  }
})
