import { expect, test } from 'vitest'
import { agoText, lifeText } from '../../../src/verbs/doctor/life-text.ts'

test.each([
  [0, '0 s'],
  [-5_000, '0 s'],
  [45_000, '45 s'],
  [12 * 60_000, '12 min'],
  [5 * 3_600_000, '5 h'],
  [3 * 86_400_000, '3 days'],
])('writes %i ms as %s', (lengthMs, text) => {
  expect(agoText(lengthMs)).toBe(text)
})

test('shows when credentials expire and the time that is left', () => {
  const nowMs = Date.UTC(2026, 10, 1, 11)
  expect(lifeText(nowMs + 3_600_000, nowMs)).toBe('until 2026-11-01T12:00:00Z (in 60 min)')
})
