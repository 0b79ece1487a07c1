import { expect, test } from 'vitest'
import { PullMeter } from '../../../src/daemon/metrics/pull-meter.ts'
import type { VerifyReport } from '../../../src/verbs/verify/report.ts'
import { failure, object, reportOf } from '../../cli/fixture.ts'
import { noonMs, pullReport } from '../../cli/pulled.ts'

test('before the first pull, there is only the last success of an earlier process', () => {
  const numbers = new PullMeter(noonMs).numbers()
  expect(numbers).toMatchObject({ streams: [], findings: undefined, lastRun: undefined, lastSuccessMs: noonMs })
})

test('a pull that took every log is a success', () => {
  const meter = new PullMeter()
  meter.ended(pullReport(), noonMs)
  expect(meter.numbers()).toMatchObject({ lastSuccessMs: noonMs, runs: { complete: 1, incomplete: 0 } })
})

test('a pull with one failed object is not a success, and the last success stays', () => {
  const meter = new PullMeter(1000)
  const failed = { status: 'failed', account: 'B', object: object(), error: failure() } as const
  meter.ended(pullReport(reportOf([failed])), noonMs)
  expect(meter.numbers()).toMatchObject({ lastSuccessMs: 1000, runs: { complete: 0, incomplete: 1 } })
})

test('a pull that throws counts as a failure by its code, and the numbers of streams stay', () => {
  const meter = new PullMeter()
  meter.ended(pullReport(), noonMs)
  meter.threw(failure('network.stalled'), noonMs, noonMs + 2000)
  const { failures, streams, lastRun } = meter.numbers()
  expect([...failures]).toEqual([['network.stalled', 1]])
  expect(streams).toHaveLength(1)
  expect(lastRun).toMatchObject({ complete: false, seconds: 2 })
})

test('failures of objects, of accounts and of whole pulls are counted by their codes', () => {
  const meter = new PullMeter()
  const outcome = { status: 'failed', account: 'B', object: object(), error: failure('object.truncated') } as const
  meter.take({ type: 'outcome', outcome })
  meter.take({ type: 'outcome', outcome })
  meter.take({ type: 'account-failed', account: 'Z', error: failure('access.list-denied') })
  meter.ended(pullReport({ error: failure('disk.full') }), noonMs)
  expect(Object.fromEntries(meter.numbers().failures)).toEqual({
    'object.truncated': 2,
    'access.list-denied': 1,
    'disk.full': 1,
  })
})

test('verified logs and findings add up, and are unknown until a pull verifies', () => {
  const meter = new PullMeter()
  meter.ended(pullReport(), noonMs)
  expect(meter.numbers().verified).toBeUndefined()
  const verified = { logs: { verified: 5 }, findings: { 'verify.log-hash': 2 } } as unknown as VerifyReport
  meter.ended(pullReport({ verified }), noonMs)
  meter.ended(pullReport(), noonMs)
  meter.ended(pullReport({ verified }), noonMs)
  expect(meter.numbers().verified).toEqual({ logs: 10, findings: new Map([['verify.log-hash', 4]]) })
})
