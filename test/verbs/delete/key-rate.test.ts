import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/lab/random.ts'
import { KeyRate } from '../../../src/verbs/delete/key-rate.ts'

test('sends fewer than 3,500 keys a second over any time, apart from its first call', () => {
  let nowMs = 0
  const rate = new KeyRate({ nowMs: () => nowMs })
  const sentAt = Array.from({ length: 60 }, () => (nowMs += rate.take(1_000)))
  for (const [first, from] of sentAt.entries()) {
    for (const [last, to] of sentAt.entries()) {
      if (last > first) expect(((last - first) * 1_000) / ((to - from) / 1_000)).toBeLessThan(3_500)
    }
  }
})

/** Sends batches of 1,000 keys one after the other, and answers how long that took. `refused` is asked for each whether S3 refuses it. */
function send(batches: number, refused: (nowMs: number) => boolean) {
  let nowMs = 1_000_000
  const startMs = nowMs
  const rate = new KeyRate({ nowMs: () => nowMs })
  let calls = 0
  for (let left = batches; left > 0; calls++) {
    nowMs += rate.take(1_000)
    const isRefused = refused(nowMs)
    rate.ended(isRefused ? 1 : 0)
    if (!isRefused) left--
  }
  return { seconds: (nowMs - startMs) / 1000, calls, keysPerSecond: rate.keysPerSecond }
}

test.each([0.05, 0.15, 0.3])('random refusals hardly slow a delete down: a share of %d', (share) => {
  const ratios = [1, 2, 3, 4, 5].map((seed) => {
    const random = seededRandom(seed)
    const { seconds, calls } = send(300, () => random() < share)
    return seconds / (calls / 3)
  })
  expect(ratios.toSorted((a, b) => a - b)[2]).toBeLessThan(1.5)
})

test('finds a limit of S3 with few refusals', () => {
  let tokens = 1
  let lastMs = 0
  const { calls, keysPerSecond } = send(300, (nowMs) => {
    tokens = Math.min(1, tokens + (nowMs - lastMs) / 1000)
    lastMs = nowMs
    if (tokens < 1) return true
    tokens--
    return false
  })
  expect(300 / calls).toBeGreaterThan(0.7)
  expect(keysPerSecond).toBeGreaterThan(500)
  expect(keysPerSecond).toBeLessThan(1_500)
})

test('the rate rises again when S3 stops refusing, but never above its start', () => {
  const until = 1_000_000 + 60_000
  const { keysPerSecond } = send(500, (nowMs) => nowMs < until && nowMs % 1000 < 700)
  expect(keysPerSecond).toBe(3_000)
})

test('some keys are sent even if S3 always asks to slow down', () => {
  const rate = new KeyRate({ nowMs: () => 0 })
  for (let answers = 0; answers < 100; answers++) rate.ended(1)
  expect(rate.keysPerSecond).toBeGreaterThan(0)
})
