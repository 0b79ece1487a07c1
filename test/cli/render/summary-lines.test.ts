import { expect, test } from 'vitest'
import { summaryLines } from '../../../src/cli/render/summary-lines.ts'
import type { Outcome } from '../../../src/work/outcome.ts'
import { failure, object, reportOf } from '../fixture.ts'

const outcomes: Outcome[] = [
  { status: 'done', account: 'B', object: object(), bytes: 5700 },
  { status: 'done', account: 'B', object: object(), bytes: 1_200_000 },
  { status: 'skipped', account: 'B', object: object(), reason: 'present' },
  { status: 'skipped', account: 'B', object: object(), reason: 'archived' },
  { status: 'failed', account: 'Z', object: object(), error: failure() },
  { status: 'done', account: 'Z', object: object(), bytes: 0 },
]

test('has a row for each account, a total, and the path of the journal', () => {
  expect(summaryLines(reportOf(outcomes, { journalFile: '/logs/.crosstrail/j.ndjson' }), true)).toMatchInlineSnapshot(`
    [
      "ACCOUNT  DONE   BYTES      RATE   TIME  SKIPPED                FAILED",
      "B           2  1.2 MB  603 kB/s  2.0 s  1 present, 1 archived  -",
      "Z           1     0 B     0 B/s  2.0 s  -                      1 object.truncated",
      "total       3  1.2 MB  603 kB/s  2.0 s  1 present, 1 archived  1 object.truncated",
      "journal: /logs/.crosstrail/j.ndjson",
    ]
  `)
})

test.each(['foreign', 'covered'] as const)('explains the count %s once, below the table', (reason) => {
  const skipped = (account: string): Outcome => ({ status: 'skipped', account, object: object(), reason })
  const lines = summaryLines(reportOf([...outcomes, skipped('B'), skipped('Z')]), true)
  expect(lines.filter((line) => line.startsWith(`${reason}: `))).toHaveLength(1)
  expect(summaryLines(reportOf(outcomes), true).join('\n')).not.toContain(`${reason}: `)
})

test('a narrow terminal shows a block for each account', () => {
  const lines = summaryLines(reportOf(outcomes), true, 60)
  expect(lines.filter((line) => line.startsWith('ACCOUNT'))).toHaveLength(3)
  expect(lines).toContain('SKIPPED  1 present, 1 archived')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
})

test('has no total for one account', () => {
  expect(summaryLines(reportOf(outcomes.slice(0, 2)), true)).toHaveLength(2)
})

test('names an account that stopped, and the reason', () => {
  const report = reportOf(outcomes)
  const accounts = report.accounts.map((account) => ({ ...account, error: failure('access.assume-role-denied') }))
  expect(summaryLines({ ...report, accounts }, true).join('\n')).toContain('stopped by access.assume-role-denied')
})

test('reports an interruption', () => {
  expect(summaryLines(reportOf(outcomes, { interrupted: true }), true).at(-1)).toMatch(/^interrupted before the end/)
})

test('a listing counts what it listed and moves no bytes', () => {
  expect(summaryLines(reportOf(outcomes.slice(0, 2)), false)).toEqual([
    'ACCOUNT  LISTED   TIME  SKIPPED  FAILED',
    'B             2  2.0 s  -        -',
  ])
})
