import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { lastInstantMs, utcInstant } from '../../src/trail/calendar.ts'

test('every instant from 1970 to 9999 can be computed from its date and time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Math.floor(lastInstantMs / 1000) }), (seconds) => {
      const [year, month, day, hour, minute, second] = new Date(seconds * 1000)
        .toISOString()
        .split(/[-T:.]/)
        .map(Number)
      expect(utcInstant(year ?? 0, month ?? 0, day ?? 0, hour, minute, Number.parseInt(`${second}`, 10))).toBe(
        seconds * 1000,
      )
    }),
  )
})

test.each([
  [2024, 2, 29],
  [2000, 2, 29],
  [2026, 12, 31],
  [1970, 1, 1],
])('%d-%d-%d exists', (year, month, day) => {
  expect(utcInstant(year, month, day)).toBe(Date.UTC(year, month - 1, day))
})

test.each([
  [2026, 2, 29],
  [2100, 2, 29],
  [2026, 4, 31],
  [2026, 0, 1],
  [2026, 13, 1],
  [2026, 1, 0],
  [2026, 1, 32],
  [1969, 12, 31],
  [99, 1, 1],
  [10_000, 1, 1],
  [Number.NaN, 1, 1],
  [2026, Number.NaN, 1],
])('%d-%d-%d does not exist', (year, month, day) => {
  expect(utcInstant(year, month, day)).toBeUndefined()
})

test.each([
  [24, 0, 0],
  [0, 60, 0],
  [0, 0, 60],
  [-1, 0, 0],
  [Number.NaN, 0, 0],
])('%d:%d:%d is not a time of day', (hour, minute, second) => {
  expect(utcInstant(2026, 1, 1, hour, minute, second)).toBeUndefined()
})
