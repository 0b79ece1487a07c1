import type { AccountId } from '../../src/trail/account-id.ts'
import type { Finding, PullReport, StreamStatus } from '../../src/verbs/pull/report.ts'
import { reportOf } from './fixture.ts'

const minuteMs = 60_000
export const noonMs = Date.UTC(2026, 10, 1, 12)

export function stream(changes: Partial<StreamStatus> = {}): StreamStatus {
  return {
    logAccount: '222222222222' as AccountId,
    region: 'us-east-1',
    kind: 'events',
    throughMs: noonMs - 6 * minuteMs,
    newestDeliveredAtMs: noonMs - 7 * minuteMs,
    lagMs: 7 * minuteMs,
    objects: 1234,
    bytes: 5_700_000,
    newObjects: 2,
    newBytes: 11_400,
    lastNewMs: noonMs,
    lastListedMs: noonMs - 2 * minuteMs,
    gaps: 0,
    ...changes,
  }
}

export function finding(changes: Partial<Finding> = {}): Finding {
  const { logAccount, region, kind } = stream()
  return { code: 'pull.silent', message: 'delivered nothing for 9h', logAccount, region, kind, ...changes }
}

export function pullReport(changes: Partial<PullReport> = {}): PullReport {
  return { ...reportOf([]), streams: [stream()], sweep: false, firstRun: false, sinceMs: 0, findings: [], ...changes }
}
