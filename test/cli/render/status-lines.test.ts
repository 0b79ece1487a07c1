import { expect, test } from 'vitest'
import { dayMs } from '../../../src/trail/calendar.ts'
import type { StreamStatus } from '../../../src/verbs/pull/report.ts'
import { formatSpan, pullStatusLines } from '../../../src/cli/render/status-lines.ts'
import { noonMs, stream } from '../pulled.ts'

test('the table has a row for each stream', () => {
  expect(pullStatusLines([stream(), stream({ region: 'eu-west-1', gaps: 3 })], 'table', noonMs)).toEqual([
    'LOG ACCOUNT   REGION     KIND    NEWEST LOG            AGE  LISTED  OBJECTS   BYTES  GAPS',
    '222222222222  us-east-1  events  2026-11-01T11:53:00Z   7m  2m ago    1,234  5.7 MB     0',
    '222222222222  eu-west-1  events  2026-11-01T11:53:00Z   7m  2m ago    1,234  5.7 MB     3',
  ])
})

test('a target of pulls that verify shows until when', () => {
  const streams = [stream({ verifiedUntilMs: noonMs - 7_200_000 }), stream({ region: 'eu-west-1' })]
  expect(pullStatusLines(streams, 'table', noonMs).map((line) => line.slice(91))).toEqual([
    'VERIFIED UNTIL',
    '2026-11-01T10:00:00Z',
    '-',
  ])
})

test('a quiet stream and a stream that no pull lists look different', () => {
  const old = { newestDeliveredAtMs: noonMs - 3 * dayMs, lagMs: 3 * dayMs }
  const shown = (changes: Partial<StreamStatus>) =>
    pullStatusLines([stream({ ...old, ...changes })], 'table', noonMs)[1]?.slice(32, 70)
  expect(shown({ lastListedMs: noonMs - 60_000 })).toContain('2026-10-29T12:00:00Z   3d  1m ago')
  expect(shown({ lastListedMs: noonMs - 3 * dayMs })).toContain('2026-10-29T12:00:00Z   3d  3d ago')
})

test('a narrow terminal shows a block for each stream, with all columns', () => {
  expect(pullStatusLines([stream()], 'table', noonMs, 60)).toEqual([
    'LOG ACCOUNT  222222222222',
    'REGION       us-east-1',
    'KIND         events',
    'NEWEST LOG   2026-11-01T11:53:00Z',
    'AGE          7m',
    'LISTED       2m ago',
    'OBJECTS      1,234',
    'BYTES        5.7 MB',
    'GAPS         0',
  ])
})

test('an unknown value is a dash, and missing in JSON', () => {
  const unknown = stream({
    throughMs: undefined,
    lagMs: undefined,
    lastNewMs: undefined,
    newestDeliveredAtMs: undefined,
    lastListedMs: undefined,
  })
  expect(pullStatusLines([unknown], 'table', noonMs)[1]).toBe(
    '222222222222  us-east-1  events  -             -       -    1,234  5.7 MB     0',
  )
  expect(Object.keys(JSON.parse(pullStatusLines([unknown], 'json', noonMs)[0] ?? '') as object)).toEqual([
    'logAccount',
    'region',
    'kind',
    'objects',
    'bytes',
    'gaps',
  ])
})

test('JSON and CSV have the same fields, in plain numbers and RFC 3339', () => {
  const verified = stream({ verifiedUntilMs: noonMs - 7_200_000 })
  const [json] = pullStatusLines([verified], 'json', noonMs)
  const record = JSON.parse(json ?? '') as Record<string, unknown>
  expect(record).toEqual({
    logAccount: '222222222222',
    region: 'us-east-1',
    kind: 'events',
    through: '2026-11-01T11:54:00Z',
    newestDelivered: '2026-11-01T11:53:00Z',
    lagSeconds: 420,
    lastNew: '2026-11-01T12:00:00Z',
    objects: 1234,
    bytes: 5_700_000,
    gaps: 0,
    lastListed: '2026-11-01T11:58:00Z',
    verifiedUntil: '2026-11-01T10:00:00Z',
  })
  expect(pullStatusLines([verified], 'csv', noonMs)).toEqual([Object.keys(record).join(), Object.values(record).join()])
})

test.each([
  [-5000, '0s'],
  [0, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [3_599_999, '59m'],
  [3_600_000, '1h'],
  [12_000_000, '3h20m'],
  [86_400_000, '1d'],
  [187_200_000, '2d4h'],
])('a span of %d ms is %s', (spanMs, text) => {
  expect(formatSpan(spanMs)).toBe(text)
})
