import { expect, test } from 'vitest'
import { KeyRate } from '../../../src/verbs/deleting/key-rate.ts'

test('over any stretch of time fewer than 3,500 keys a second are sent, but for the call that opens it', () => {
  let nowMs = 0
  const rate = new KeyRate({ nowMs: () => nowMs })
  const sentAt = Array.from({ length: 60 }, () => (nowMs += rate.take(1_000)))
  for (const [first, from] of sentAt.entries()) {
    for (const [last, to] of sentAt.entries()) {
      if (last > first) expect(((last - first) * 1_000) / ((to - from) / 1_000)).toBeLessThan(3_500)
    }
  }
})

test('SlowDown halves the rate, and answers bring it back, never above where it began', () => {
  const rate = new KeyRate({ nowMs: () => 0 })
  rate.slowDown()
  expect(rate.keysPerSecond).toBe(1_500)
  rate.slowDown()
  expect(rate.keysPerSecond).toBe(750)
  for (let answers = 0; answers < 100; answers++) rate.answered()
  expect(rate.keysPerSecond).toBe(3_000)
})

test('however often S3 asks to slow down, some keys go', () => {
  const rate = new KeyRate({ nowMs: () => 0 })
  for (let answers = 0; answers < 100; answers++) rate.slowDown()
  expect(rate.keysPerSecond).toBeGreaterThan(0)
})
