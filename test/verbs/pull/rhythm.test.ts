import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../../../src/trail/calendar.ts'
import { isLagging, isSilent, noRhythm, rhythmAfter } from '../../../src/verbs/pull/rhythm.ts'

const hourly = rhythmAfter(
  noRhythm,
  Array.from({ length: 20 }, (_, at) => at * hourMs),
)

test('the youngest object and the longest wait are kept', () => {
  expect(rhythmAfter(noRhythm, [9 * hourMs, 0, 2 * hourMs])).toEqual({ newestMs: 9 * hourMs, longestGapMs: 7 * hourMs })
})

test('the order in which objects of one pull come does not count', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (instants) => {
      expect(rhythmAfter(noRhythm, instants)).toEqual(rhythmAfter(noRhythm, instants.toReversed()))
    }),
  )
})

test.each([
  ['thrice its longest wait later', 19 * hourMs + 3 * hourMs, 20, false],
  ['half an hour after that', 19 * hourMs + 3 * hourMs + 31 * minuteMs, 20, true],
  ['where few objects made a habit', 100 * hourMs, 5, false],
  ['by a clock that went back', 0, 20, false],
])('a stream that came hourly is silent, %s', (_when, nowMs, objects, silent) => {
  expect(isSilent(hourly, objects, nowMs)).toBe(silent)
})

test('a stream that rests at weekends is not silent on a Sunday, however busy its week', () => {
  const week = Array.from({ length: 5 * 24 * 60 }, (_, at) => at * minuteMs)
  const weeks = [0, 7, 14].flatMap((day) => week.map((instant) => day * dayMs + instant))
  const rhythm = rhythmAfter(noRhythm, weeks)
  expect(isSilent(rhythm, weeks.length, 21 * dayMs)).toBe(false)
  expect(isSilent(rhythm, weeks.length, 28 * dayMs)).toBe(true)
})

const newestMs = 19 * hourMs
const later = { nowMs: newestMs + 3 * hourMs, maxLagMs: 2 * hourMs }

test.each([
  ['a stream that came hourly and keeps away', hourly, 20, later, true],
  ['one that keeps away for less than the lag', hourly, 20, { ...later, maxLagMs: 4 * hourMs }, false],
  ['one that was away for longer before', { newestMs, longestGapMs: 5 * hourMs }, 20, later, false],
  ['one of which little is known', hourly, 5, later, false],
  ['one whose region has a digest since', hourly, 20, { ...later, newestDigestMs: later.nowMs - hourMs }, false],
  ['one whose region had its last digest then, too', hourly, 20, { ...later, newestDigestMs: newestMs }, true],
])('%s lags: %#', (_which, rhythm, objects, of, lags) => {
  expect(isLagging(rhythm, objects, of)).toBe(lags)
})
