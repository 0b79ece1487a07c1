import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../src/trail/calendar.ts'
import { isSilent, noRhythm, rhythmAfter } from '../../src/verbs/pull-rhythm.ts'

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
