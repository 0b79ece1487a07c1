import { expect, test } from 'vitest'
import { totalsLines } from '../../../src/cli/render/totals.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import type { Summary } from '../../../src/verbs/list/summary.ts'

const summary = {
  total: { objects: 1234, bytes: 5.7e6, oldestMs: Date.UTC(2026, 10, 1), newestMs: Date.UTC(2026, 10, 2, 0, 5) },
  groups: [
    {
      account: 'B',
      logAccount: '222222222222' as AccountId,
      region: 'us-east-1',
      kind: 'events' as const,
      day: '2026-11-01',
      objects: 1234,
      bytes: 5.7e6,
    },
  ],
} satisfies Summary

test('a table has the groups first and the totals last', () => {
  expect([...totalsLines(summary, 'table')]).toEqual([
    'ACCOUNT  LOG ACCOUNT   REGION     KIND    DAY         OBJECTS   BYTES',
    'B        222222222222  us-east-1  events  2026-11-01    1,234  5.7 MB',
    '',
    'total   1,234 objects, 5.7 MB',
    'oldest  2026-11-01T00:00:00Z',
    'newest  2026-11-02T00:05:00Z',
  ])
})

test('JSON has a line per group and the total last', () => {
  expect(Array.from(totalsLines(summary, 'json'), (line) => JSON.parse(line) as unknown)).toEqual([
    summary.groups[0],
    { total: { objects: 1234, bytes: 5.7e6, oldest: '2026-11-01T00:00:00Z', newest: '2026-11-02T00:05:00Z' } },
  ])
})

test('CSV has only the groups', () => {
  expect([...totalsLines(summary, 'csv')]).toEqual([
    'account,logAccount,region,kind,day,objects,bytes',
    'B,222222222222,us-east-1,events,2026-11-01,1234,5700000',
  ])
})

test('an empty listing has an empty total', () => {
  expect([...totalsLines({ total: { objects: 0, bytes: 0 }, groups: [] }, 'table')].slice(-3)).toEqual([
    'total   0 objects, 0 B',
    'oldest  -',
    'newest  -',
  ])
})
