import { expect, test } from 'vitest'
import { repeatRuns } from '../../src/daemon/repeat-runs.ts'

/** Runs the loop on a fake clock, with the given durations and results, and stops it after the last run. Returns the starts. */
async function starts(runs: readonly (readonly [durationMs: number, ok: boolean])[], random = 0): Promise<number[]> {
  const controller = new AbortController()
  const started: number[] = []
  let nowMs = 7000
  await repeatRuns({
    everyMs: 60_000,
    signal: controller.signal,
    clock: () => nowMs,
    random: () => random,
    sleep: (waitMs) => {
      nowMs += waitMs
      return Promise.resolve()
    },
    run: () => {
      started.push(nowMs - 7000)
      const [durationMs, ok] = runs[started.length - 1] ?? [0, true]
      nowMs += durationMs
      if (started.length === runs.length) controller.abort()
      return Promise.resolve(ok)
    },
  })
  return started
}

test('runs start at multiples of the interval, whatever their duration', async () => {
  expect(
    await starts([
      [1, true],
      [59_999, true],
      [30_000, true],
      [0, true],
    ]),
  ).toEqual([0, 60_000, 120_000, 180_000])
})

test('a run that is longer than the interval is followed by the next slot, without overlap', async () => {
  expect(
    await starts([
      [150_000, true],
      [0, true],
    ]),
  ).toEqual([0, 180_000])
})

test('failures delay the next run, and a success ends the delay', async () => {
  expect(
    await starts([
      [0, false],
      [0, false],
      [0, true],
      [0, true],
    ]),
  ).toEqual([0, 120_000, 360_000, 420_000])
})

test('jitter delays a run and does not accumulate', async () => {
  expect(
    await starts(
      [
        [0, true],
        [0, true],
        [0, true],
      ],
      0.5,
    ),
  ).toEqual([0, 63_000, 123_000])
})

test('an error that a run throws ends the loop', async () => {
  const loop = repeatRuns({
    everyMs: 1000,
    signal: new AbortController().signal,
    run: () => Promise.reject(new Error('broken')),
  })
  await expect(loop).rejects.toThrow('broken')
})

test('a stop ends the wait at once', async () => {
  const controller = new AbortController()
  let runs = 0
  const loop = repeatRuns({
    everyMs: 86_400_000,
    signal: controller.signal,
    onWait: () => setTimeout(() => controller.abort(), 5),
    run: () => {
      runs++
      return Promise.resolve(true)
    },
  })
  await loop
  expect(runs).toBe(1)
})

test('nothing runs after a stop', async () => {
  let runs = 0
  const run = () => Promise.resolve(++runs > 0)
  await repeatRuns({ everyMs: 1000, signal: AbortSignal.abort(), run })
  expect(runs).toBe(0)
})
