import { findingCodes, type StreamStatus } from '../../verbs/pull/report.ts'
import { verifyFindingCodes } from '../../verbs/verify/finding.ts'
import type { MetricFamily, Sample } from './prometheus-text.ts'
import { queueFamilies } from './queue-families.ts'
import type { PullNumbers } from './pull-meter.ts'

export interface PageRequest {
  readonly nowMs: number
  readonly version: string
  /** Whether the process continues to pull. If it ends after one pull, counters since its start make no sense. */
  readonly goesOn: boolean
}

/** Returns the metrics of pulls. Names and labels are stable. */
export function pullFamilies(numbers: PullNumbers, { nowMs, version, goesOn }: PageRequest): MetricFamily[] {
  return [
    gauge('crosstrail_build_info', 'The version, as a label', [{ labels: { version }, value: 1 }]),
    ...streamFamilies(numbers, nowMs),
    ...findingFamilies(numbers),
    ...verifyFamilies(numbers, goesOn),
    ...(numbers.queue === undefined ? [] : queueFamilies(numbers.queue)),
    ...lastRunFamilies(numbers),
    ...(goesOn ? processFamilies(numbers) : [lastFailures(numbers)]),
    gauge(
      'crosstrail_session_expiry_timestamp_seconds',
      "When the account's newest session expires",
      [...numbers.sessionExpiries].map(([account, expiresAtMs]) => ({
        labels: { account },
        value: expiresAtMs / 1000,
      })),
    ),
  ]
}

function streamFamilies({ streams, streamsAtMs }: PullNumbers, nowMs: number): MetricFamily[] {
  // Nothing has been taken since then, so the lag has grown by this time.
  const sinceMs = Math.max(0, nowMs - streamsAtMs)
  const of = (value: (stream: StreamStatus) => number | undefined): Sample[] =>
    streams.flatMap((stream) => {
      const measured = value(stream)
      if (measured === undefined) return []
      const { logAccount, region, kind } = stream
      return [{ labels: { log_account: logAccount, region, kind }, value: measured }]
    })
  return [
    counter(
      'crosstrail_pull_objects_total',
      'Log objects taken since the first pull',
      of(({ objects }) => objects),
    ),
    counter(
      'crosstrail_pull_bytes_total',
      'Bytes of log objects taken since the first pull',
      of(({ bytes }) => bytes),
    ),
    gauge(
      'crosstrail_pull_lag_seconds',
      'How long ago the newest log taken was delivered',
      of(({ lagMs }) => seconds(lagMs, sinceMs)),
    ),
    gauge(
      'crosstrail_pull_covered_timestamp_seconds',
      'Every log that appeared in the bucket before this time is taken, except gaps',
      of(({ throughMs }) => seconds(throughMs)),
    ),
    gauge(
      'crosstrail_pull_newest_delivery_timestamp_seconds',
      'When the newest log taken was delivered',
      of(({ newestDeliveredAtMs }) => seconds(newestDeliveredAtMs)),
    ),
    gauge(
      'crosstrail_pull_gaps',
      'Logs that are listed but not taken, and logs that a digest lists but the bucket lacks',
      of(({ gaps }) => gaps),
    ),
    ...some(
      gauge(
        'crosstrail_pull_verified_timestamp_seconds',
        'Every log that was delivered before this time is verified, or a finding said why not',
        of(({ verifiedUntilMs }) => seconds(verifiedUntilMs)),
      ),
    ),
  ]
}

/** Only pulls that verify have these. */
function verifyFamilies({ verified }: PullNumbers, goesOn: boolean): MetricFamily[] {
  if (verified === undefined) return []
  const { logs, findings } = verified
  const byCode = verifyFindingCodes.map((code) => ({ labels: { code }, value: findings.get(code) ?? 0 }))
  if (!goesOn) {
    return [
      gauge('crosstrail_pull_last_run_verified_logs', 'Logs that the last pull verified', [{ value: logs }]),
      gauge('crosstrail_pull_last_run_verify_findings', 'Findings of the verification of the last pull', byCode),
    ]
  }
  return [
    counter('crosstrail_pull_verified_logs_total', 'Logs verified since the start of the process', [{ value: logs }]),
    counter(
      'crosstrail_pull_verify_findings_total',
      'Findings of verifications since the start of the process, by code',
      byCode,
    ),
  ]
}

function some(family: MetricFamily): MetricFamily[] {
  return family.samples.length === 0 ? [] : [family]
}

/** Every possible finding has a value, so that an alert can distinguish "none" from "not measured". */
function findingFamilies({ findings }: PullNumbers): MetricFamily[] {
  if (findings === undefined) return []
  const samples = findingCodes.map((code) => ({
    labels: { code },
    value: findings.filter((finding) => finding.code === code).length,
  }))
  return [gauge('crosstrail_pull_findings', 'Findings of the last pull', samples)]
}

function lastRunFamilies({ lastRun, lastSuccessMs }: PullNumbers): MetricFamily[] {
  const of = (value: number | undefined): Sample[] => (value === undefined ? [] : [{ value }])
  return [
    gauge(
      'crosstrail_pull_last_success_timestamp_seconds',
      'When the last complete pull ended: it took every log of every account',
      of(seconds(lastSuccessMs)),
    ),
    gauge('crosstrail_pull_last_run_timestamp_seconds', 'When the last pull ended', of(seconds(lastRun?.endedAtMs))),
    gauge(
      'crosstrail_pull_last_run_success',
      '1 if the last pull was complete, else 0',
      of(lastRun && Number(lastRun.complete)),
    ),
    gauge('crosstrail_pull_last_run_duration_seconds', 'Duration of the last pull', of(lastRun?.seconds)),
    gauge('crosstrail_pull_last_run_objects', 'Log objects that the last pull took', of(lastRun?.objects)),
    gauge('crosstrail_pull_last_run_bytes', 'Bytes that the last pull took', of(lastRun?.bytes)),
    gauge(
      'crosstrail_pull_last_run_failed_objects',
      'Log objects that the last pull could not take',
      of(lastRun?.failed),
    ),
  ]
}

/** For a process that ends after one pull, all failures are of that pull. */
function lastFailures({ failures }: PullNumbers): MetricFamily {
  return gauge(
    'crosstrail_pull_last_run_failures',
    'Failures of objects, accounts and the pull itself, by error code',
    byReason(failures),
  )
}

function byReason(failures: PullNumbers['failures']): Sample[] {
  return [...failures].map(([reason, count]) => ({ labels: { reason }, value: count }))
}

function processFamilies({ runs, failures }: PullNumbers): MetricFamily[] {
  return [
    counter('crosstrail_pull_runs_total', 'Pulls since the start of the process', [
      { labels: { result: 'complete' }, value: runs.complete },
      { labels: { result: 'incomplete' }, value: runs.incomplete },
    ]),
    counter(
      'crosstrail_pull_failures_total',
      'Failures of objects, accounts and pulls since the start of the process, by error code',
      byReason(failures),
    ),
  ]
}

function seconds(timeMs: number | undefined, moreMs = 0): number | undefined {
  return timeMs === undefined ? undefined : (timeMs + moreMs) / 1000
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: 'counter', help, samples }
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: 'gauge', help, samples }
}
