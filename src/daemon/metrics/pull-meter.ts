import { CrosstrailError } from '../../error.ts'
import type { Finding, PullReport, StreamStatus } from '../../verbs/pull/report.ts'
import type { VerifyReport } from '../../verbs/verify/report.ts'
import { QueueMeter, type QueueNumbers } from './queue-meter.ts'
import type { RunEvent } from '../../work/run-event.ts'
import { isWholeRun } from '../../work/whole-run.ts'

export interface EndedRun {
  readonly endedAtMs: number
  readonly seconds: number
  readonly objects: number
  readonly bytes: number
  readonly failed: number
  /** True if all listed logs of all accounts were taken. */
  readonly complete: boolean
}

export interface VerifiedNumbers {
  readonly logs: number
  /** By code. */
  readonly findings: ReadonlyMap<string, number>
}

export interface PullNumbers {
  readonly streams: readonly StreamStatus[]
  /** The time at which the lags of `streams` were measured. */
  readonly streamsAtMs: number
  /** Undefined until a pull has ended. */
  readonly findings: readonly Finding[] | undefined
  readonly lastRun: EndedRun | undefined
  readonly lastSuccessMs: number | undefined
  /** Since the process started. */
  readonly runs: { readonly complete: number; readonly incomplete: number }
  /** What verifications found since the process started. Undefined if no pull verified. */
  readonly verified: VerifiedNumbers | undefined
  /** By error code, since the process started. */
  readonly failures: ReadonlyMap<string, number>
  /** Undefined if no queue announces logs. */
  readonly queue: QueueNumbers | undefined
  /** When each account's newest session expires. */
  readonly sessionExpiries: ReadonlyMap<string, number>
}

/** Counts what pulls do. `numbers` can be called at any time. */
export class PullMeter {
  readonly #failures = new Map<string, number>()
  readonly #sessionExpiries = new Map<string, number>()
  readonly #verifyFindings = new Map<string, number>()
  #verifiedLogs: number | undefined
  #report: PullReport | undefined
  #reportedAtMs = 0
  #lastRun: EndedRun | undefined
  #lastSuccessMs: number | undefined
  #queue: QueueMeter | undefined
  #complete = 0
  #incomplete = 0

  /** `lastSuccessMs` comes from an earlier process. */
  constructor(lastSuccessMs?: number) {
    this.#lastSuccessMs = lastSuccessMs
  }

  take(event: RunEvent): void {
    if (event.type === 'outcome' && event.outcome.status === 'failed') this.#countFailure(event.outcome.error)
    if (event.type === 'account-failed') this.#countFailure(event.error)
  }

  /** The numbers of these queues are counted, too. */
  listens(queues: ConstructorParameters<typeof QueueMeter>[0]): void {
    this.#queue = new QueueMeter(queues)
  }

  sessionOpened(account: string, expiresAtMs: number): void {
    this.#sessionExpiries.set(account, expiresAtMs)
  }

  ended(report: PullReport, endedAtMs: number): void {
    const { total, seconds } = report
    const complete = isWholeRun(report)
    this.#report = report
    this.#reportedAtMs = endedAtMs
    if (report.error !== undefined) this.#countFailure(report.error)
    if (report.heard !== undefined) this.#queue?.heard(report.heard)
    if (report.verified !== undefined) this.#countVerified(report.verified)
    this.#end({ endedAtMs, seconds, objects: total.done, bytes: total.doneBytes, failed: total.failed, complete })
  }

  /** Counts a run that threw instead of returning a report. */
  threw(error: unknown, startedAtMs: number, endedAtMs: number): void {
    this.#countFailure(error)
    const seconds = (endedAtMs - startedAtMs) / 1000
    this.#end({ endedAtMs, seconds, objects: 0, bytes: 0, failed: 0, complete: false })
  }

  numbers(): PullNumbers {
    return {
      streams: this.#report?.streams ?? [],
      streamsAtMs: this.#reportedAtMs,
      findings: this.#report?.findings,
      lastRun: this.#lastRun,
      lastSuccessMs: this.#lastSuccessMs,
      runs: { complete: this.#complete, incomplete: this.#incomplete },
      verified:
        this.#verifiedLogs === undefined ? undefined : { logs: this.#verifiedLogs, findings: this.#verifyFindings },
      failures: this.#failures,
      queue: this.#queue?.numbers(),
      sessionExpiries: this.#sessionExpiries,
    }
  }

  #countVerified({ logs, findings }: VerifyReport): void {
    this.#verifiedLogs = (this.#verifiedLogs ?? 0) + logs.verified
    for (const [code, count] of Object.entries(findings)) {
      this.#verifyFindings.set(code, (this.#verifyFindings.get(code) ?? 0) + count)
    }
  }

  #end(run: EndedRun): void {
    this.#lastRun = run
    if (!run.complete) {
      this.#incomplete++
      return
    }
    this.#complete++
    this.#lastSuccessMs = run.endedAtMs
  }

  #countFailure(error: unknown): void {
    const reason = error instanceof CrosstrailError ? error.code : 'bug'
    this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1)
  }
}
