import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayMs } from '../../../src/trail/calendar.ts'
import { advance, decideKey, isDue, isWrittenAgain, listFrom } from '../../../src/verbs/pull/rules.ts'

const sinceMs = 100 * dayMs
const rules = { sinceMs, lookBackMs: dayMs, sweepMs: 30 * dayMs }
const marks = { throughMs: 110 * dayMs, sweptMs: 109 * dayMs }
const failed = { deliveredAtMs: 105 * dayMs, why: 'failed' } as const
const archived = { deliveredAtMs: 70 * dayMs, why: 'archived' } as const

test.each([
  ['a first listing', {}, [], false, 69],
  ['a pull', marks, [], false, 109],
  ['a pull that owes a failed log', marks, [failed], false, 105],
  ['a pull that owes an archived log', marks, [archived], false, 109],
  ['a sweep', marks, [], true, 78],
  ['a sweep that owes an archived log', marks, [archived], true, 70],
])('lists from the right day for %s', (_what, of, owed, sweep, day) => {
  expect(listFrom(of, owed, rules, sweep)).toBe(day * dayMs)
})

test('lists nothing from before the epoch', () => {
  expect(listFrom({}, [], { ...rules, sinceMs: dayMs }, false)).toBe(0)
})

test.each([
  { seen: true, owed: true, first: true, stamp: 101, came: 101, decision: 'covered' },
  { seen: false, owed: true, first: false, stamp: 90, came: 90, decision: 'take' },
  { seen: false, owed: false, first: true, stamp: 100, came: 99, decision: 'take' },
  { seen: false, owed: false, first: true, stamp: 99, came: 100, decision: 'take' },
  { seen: false, owed: false, first: true, stamp: 99, came: 99, decision: 'covered' },
  { seen: false, owed: false, first: false, stamp: 90, came: 108, decision: 'take' },
  { seen: false, owed: false, first: false, stamp: 110, came: 107, decision: 'covered' },
])(
  'decides as the table of `decideKey` says: $seen $owed $first $stamp $came',
  ({ seen, owed, first, stamp, came, decision }) => {
    const key = { seen, owed, deliveredAtMs: stamp * dayMs, lastModifiedMs: came * dayMs }
    expect(decideKey(key, first ? {} : marks, rules)).toBe(decision)
  },
)

const instant = fc.integer({ min: 0, max: 400 * dayMs })

test('takes a log in the next sweep if it is not later than a sweep looks back', () => {
  const listing = fc.record({ fromMs: instant, newestMs: instant, durationMs: fc.integer({ min: 0, max: dayMs }) })
  const lateMs = fc.integer({ min: 0, max: rules.sweepMs })
  const hiddenMs = fc.integer({ min: 0, max: rules.lookBackMs })
  fc.assert(
    fc.property(fc.array(listing, { maxLength: 5 }), lateMs, hiddenMs, (listings, late, hidden) => {
      const after = listings.reduce((at, one) => advance(at, one, listFrom(at, [], rules, true)), {})
      const beganMs = Math.max(sinceMs, ...listings.map(({ newestMs, durationMs }) => newestMs - durationMs))
      const lastModifiedMs = Math.max(sinceMs, beganMs - hidden)
      const deliveredAtMs = lastModifiedMs - late
      expect(deliveredAtMs).toBeGreaterThanOrEqual(listFrom(after, [], rules, true))
      expect(decideKey({ seen: false, owed: false, deliveredAtMs, lastModifiedMs }, after, rules)).toBe('take')
    }),
  )
})

test('never moves marks back', () => {
  const listing = fc.record({ fromMs: instant, newestMs: fc.option(instant, { nil: undefined }), durationMs: instant })
  fc.assert(
    fc.property(listing, listing, instant, (one, other, sweepFromMs) => {
      const before = advance({}, one, sweepFromMs)
      const after = advance(before, other, sweepFromMs)
      expect(after.throughMs ?? 0).toBeGreaterThanOrEqual(before.throughMs ?? 0)
      expect(after.sweptMs ?? 0).toBeGreaterThanOrEqual(before.sweptMs ?? 0)
    }),
  )
})

test("does not move the sweep's mark if the listing did not begin at the start of the sweep", () => {
  expect(advance(marks, { fromMs: 109 * dayMs, newestMs: 111 * dayMs, durationMs: 0 }, 78 * dayMs)).toEqual({
    throughMs: 111 * dayMs,
    sweptMs: 109 * dayMs,
  })
})

test.each([
  [undefined, 0, true],
  [1000, 1050, false],
  [1000, 1100, true],
  [1000, 999, true],
])('last at %s, now %s, every 100: due is %s', (lastMs, nowMs, due) => {
  expect(isDue(lastMs, 100, nowMs)).toBe(due)
})

test.each([
  ['no, it came within 30 days', 50, 80, false],
  ['no, listings still reach its day', 80, 111, false],
  ['yes, it came later, and no listing reaches its day', 70, 101, true],
])('decides whether a log was written again: %s', (_what, stamp, came, isAgain) => {
  const key = { deliveredAtMs: stamp * dayMs, lastModifiedMs: came * dayMs }
  expect(isWrittenAgain(key, () => listFrom(marks, [], rules, true))).toBe(isAgain)
})
