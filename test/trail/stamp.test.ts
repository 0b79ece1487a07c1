import { expect, test } from 'vitest'
import { dayFolder, stampOf } from '../../src/trail/stamp.ts'

const instantMs = Date.UTC(2026, 2, 4, 5, 6, 59, 999)

test('a stamp with minutes cuts the seconds', () => {
  expect(stampOf(instantMs, 'minute')).toBe('20260304T0506')
})

test('a stamp with seconds cuts the milliseconds', () => {
  expect(stampOf(instantMs, 'second')).toBe('20260304T050659')
})

test("a day's folders are padded and end with a slash", () => {
  expect(dayFolder(instantMs)).toBe('2026/03/04/')
})
