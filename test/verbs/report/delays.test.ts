import { expect, test } from 'vitest'
import { Delays } from '../../../src/verbs/report/delays.ts'

test('percentiles are within a hundredth', () => {
  const delays = new Delays()
  const at = Date.UTC(2026, 10, 1)
  for (let seconds = 1; seconds <= 1000; seconds++) delays.add(at, at - seconds * 1000, at - 2 * seconds * 1000)
  const { logs, newest, oldest } = delays.figures() ?? {}
  expect(logs).toBe(1000)
  expect(newest?.max).toBe(1000)
  expect(oldest?.max).toBe(2000)
  for (const [found, exact] of [
    [newest?.p50, 500],
    [newest?.p90, 900],
    [newest?.p99, 990],
    [oldest?.p50, 1000],
  ] as const) {
    expect(Math.abs((found ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.011)
  }
})

test('an event that is newer than the minute of its delivery has no negative delay', () => {
  const delays = new Delays()
  delays.add(60_000, 75_000, 30_000)
  expect(delays.figures()).toMatchObject({ newest: { max: 0 }, oldest: { max: 30 } })
})

test('without the times of events there are no figures', () => {
  const delays = new Delays()
  delays.add(60_000, undefined, 30_000)
  expect(delays.figures()).toBeUndefined()
})
