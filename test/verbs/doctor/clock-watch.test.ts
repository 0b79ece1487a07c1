import { expect, test } from 'vitest'
import { clockWatch } from '../../../src/verbs/doctor/clock-watch.ts'

const nowMs = Date.UTC(2026, 10, 1, 12)

function answering(date: string | undefined) {
  const headers: Record<string, string> = date === undefined ? {} : { date }
  return { handle: () => Promise.resolve({ response: { headers } }) }
}

test.each([
  [0, 0],
  [90_000, -90],
  [-3_600_000, 3600],
])('measures a server that is %i ms ahead as a skew of %i seconds', async (aheadMs, skewSeconds) => {
  const watch = clockWatch(answering(new Date(nowMs + aheadMs).toUTCString()), () => nowMs + 500)
  await watch.handler.handle()
  expect(watch.skewSeconds()).toBe(skewSeconds === 0 ? 0 : skewSeconds)
})

test('knows no skew if the answer has no date', async () => {
  const watch = clockWatch(answering(undefined))
  await watch.handler.handle()
  expect(watch.skewSeconds()).toBeUndefined()
})

test('passes on the error of a call that fails', async () => {
  const watch = clockWatch({ handle: () => Promise.reject(new Error('no way')) })
  await expect(watch.handler.handle()).rejects.toThrow('no way')
})
