import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../../../src/trail/calendar.ts'
import { isLagging, isSilent, noRhythm, rhythmAfter } from '../../../src/verbs/pull/rhythm.ts'

const hourly = rhythmAfter(
  noRhythm,
  Array.from({ length: 20 }, (_, at) => at * hourMs),
)

test('keeps the newest object and the longest gap', () => {
  expect(rhythmAfter(noRhythm, [9 * hourMs, 0, 2 * hourMs])).toEqual({ newestMs: 9 * hourMs, longestGapMs: 7 * hourMs })
})

test('does not depend on the order of the objects of one pull', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (instants) => {
      expect(rhythmAfter(noRhythm, instants)).toEqual(rhythmAfter(noRhythm, instants.toReversed()))
    }),
  )
})

test.each([
  ['after three times its longest gap', 19 * hourMs + 3 * hourMs, 20, false],
  ['half an hour after that', 19 * hourMs + 3 * hourMs + 31 * minuteMs, 20, true],
  ['with few objects', 100 * hourMs, 5, false],
  ['if the clock went back', 0, 20, false],
])('decides whether a stream with hourly logs is silent %s: %#', (_when, nowMs, objects, silent) => {
  expect(isSilent(hourly, objects, nowMs)).toBe(silent)
})

test('does not report a stream as silent at a weekend if it is quiet every weekend', () => {
  const week = Array.from({ length: 5 * 24 * 60 }, (_, at) => at * minuteMs)
  const weeks = [0, 7, 14].flatMap((day) => week.map((instant) => day * dayMs + instant))
  const rhythm = rhythmAfter(noRhythm, weeks)
  expect(isSilent(rhythm, weeks.length, 21 * dayMs)).toBe(false)
  expect(isSilent(rhythm, weeks.length, 28 * dayMs)).toBe(true)
})

const newestMs = 19 * hourMs
const later = { nowMs: newestMs + 3 * hourMs, maxLagMs: 2 * hourMs }

test.each([
  ['a stream with hourly logs that stopped', hourly, 20, later, true],
  ['a stream that stopped for less than the lag', hourly, 20, { ...later, maxLagMs: 4 * hourMs }, false],
  ['a stream that had a longer gap before', { newestMs, longestGapMs: 5 * hourMs }, 20, later, false],
  ['a stream with few objects', hourly, 5, later, false],
  ['a stream whose region has a newer digest', hourly, 20, { ...later, newestDigestMs: later.nowMs - hourMs }, false],
  ['a stream whose region has no newer digest', hourly, 20, { ...later, newestDigestMs: newestMs }, true],
])('decides whether %s lags: %#', (_which, rhythm, objects, of, lags) => {
  expect(isLagging(rhythm, objects, of)).toBe(lags)
})
