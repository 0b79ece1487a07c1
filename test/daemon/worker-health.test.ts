import { expect, test } from 'vitest'
import { WorkerMeter } from '../../src/daemon/metrics/worker-meter.ts'
import { RecentRate } from '../../src/daemon/recent-rate.ts'
import { stuckWorker, workerProblem } from '../../src/daemon/worker-health.ts'

const minuteMs = 60_000
const queue = { waiting: 1, active: 1, delayed: 0, failed: 0 }

function meterAt() {
  let nowMs = 0
  const meter = new WorkerMeter(() => nowMs)
  return {
    meter,
    pass: (ms: number) => void (nowMs += ms),
    count: (active: number, objects: number) =>
      meter.take({ type: 'counts', queue, worker: { active, slices: 0, bad: 0, handedBack: 0, objects, bytes: 0 } }),
    problems: () => [stuckWorker(meter.pulse()), workerProblem(meter.pulse())],
  }
}

test('a worker that waits is healthy for as long as Redis answers', () => {
  const { count, pass, problems } = meterAt()
  for (let minute = 0; minute < 120; minute++) {
    count(0, 0)
    pass(minuteMs)
  }
  expect(problems()).toEqual([undefined, undefined])
})

test('without an answer of Redis for a minute it is not ready, but a restart would not help', () => {
  const { count, pass, problems } = meterAt()
  count(2, 10)
  pass(minuteMs)
  expect(problems()).toEqual([undefined, undefined])
  pass(minuteMs)
  expect(problems()).toEqual([undefined, 'Redis has not answered for 120 seconds'])
  pass(60 * minuteMs)
  expect(problems()[0]).toBeUndefined()
})

test('a worker whose slices make no progress for half an hour is stuck', () => {
  const { count, pass, problems } = meterAt()
  for (let minute = 0; minute < 31; minute++) {
    count(2, 10)
    pass(minuteMs)
  }
  count(2, 10)
  expect(problems()[0]).toBe('the slices in work have made no progress for 31 minutes')
  count(2, 11)
  expect(problems()).toEqual([undefined, undefined])
})

test('the rate is that of the last minute, and never negative', () => {
  const rate = new RecentRate()
  expect(rate.perSecond()).toBeUndefined()
  rate.add(0, 0)
  expect(rate.perSecond()).toBeUndefined()
  rate.add(600, 10_000)
  expect(rate.perSecond()).toBe(60)
  for (let second = 20; second <= 200; second += 10) rate.add(600, second * 1000)
  expect(rate.perSecond()).toBe(0)
  rate.add(500, 201_000)
  expect(rate.perSecond()).toBe(0)
})
