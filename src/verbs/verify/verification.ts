import { minuteMs } from '../../trail/calendar.ts'
import { CrosstrailError } from '../../error.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { parseLogFileName } from '../../trail/log-file-name.ts'
import { formatInstant } from '../../trail/time.ts'
import type { Outcome } from '../../work/outcome.ts'
import type { RunReport } from '../../work/run-event.ts'
import { type ChainName, chainText, type StreamName } from './chain-name.ts'
import type { ChainState } from './chain-facts.ts'
import type { CheckedDigest } from './check-digest.ts'
import type { ListedLog, LogCheck } from './check-log.ts'
import type { DeliveryPlaces } from './delivery-places.ts'
import { nothingToVerify, type VerifyFinding, type VerifyFindingCode } from './finding.ts'
import type { JoinedLog } from './log-join.ts'
import type { PublicKey } from './public-keys.ts'
import { type LogToCheck, listedOf } from './read-log.ts'
import type { ChainReport, ProofReport, StreamReport, UsedKey, VerifyReport } from './report.ts'
import type { LogState, VerifyResult } from './result.ts'
import type { StreamState } from './stream-check.ts'

interface Stream {
  readonly name: StreamName
  readonly state: () => StreamState
  isFinished: boolean
}

/** The logs of one chain. */
interface ChainLogs {
  verified: number
  missing: number
  notVerified: number
  /** The delivery of the first log that is not proven. */
  firstBadMs: number
}

export interface VerificationOptions {
  readonly nowMs: number
  readonly places: DeliveryPlaces
  /** What is verified, for messages. */
  readonly where: string
  readonly isMoved: (place: string) => boolean
  /** Whether it is in order if there is nothing to verify. */
  readonly mayBeEmpty?: boolean | undefined
  readonly onResult: ((result: VerifyResult) => void) | undefined
}

/** Counts the results of a run, hands them on, and makes the report of them. */
export class Verification {
  readonly #options: VerificationOptions
  readonly #chains = new Map<string, ChainLogs>()
  readonly #streams: Stream[] = []
  readonly #digests = { found: 0, verified: 0, unsigned: 0 }
  readonly #logs: Record<LogState, number> = {
    verified: 0,
    wrong: 0,
    unlisted: 0,
    pending: 0,
    unproven: 0,
    uncovered: 0,
    archived: 0,
    failed: 0,
  }
  readonly #findings = new Map<VerifyFindingCode, number>()
  readonly #keys = new Map<PublicKey, number>()
  #severalMembers = 0

  constructor(options: VerificationOptions) {
    this.#options = options
  }

  /** Notes a stream. Call the returned function when all of it was verified. */
  stream(name: StreamName, state: () => StreamState): () => void {
    const stream: Stream = { name, state, isFinished: false }
    this.#streams.push(stream)
    return () => void (stream.isFinished = true)
  }

  finding(finding: VerifyFinding): void {
    const { code, key, chain, startMs } = finding
    this.#findings.set(code, (this.#findings.get(code) ?? 0) + 1)
    if (chain !== undefined && key !== undefined && code.startsWith('verify.log-')) {
      const logs = this.#chain(chain)
      if (code === 'verify.log-missing') logs.missing++
      noteBad(logs, parseLogFileName(key)?.deliveredAtMs ?? startMs)
    }
    this.#options.onResult?.({ type: 'finding', finding })
  }

  /** Throws `usage.wrong-clock` if a proven digest is of the future. */
  digest({ key, chain, digest, state, publicKey }: CheckedDigest): void {
    this.#digests.found++
    if (state === 'proven') this.#digests.verified++
    if (state === 'unsigned') this.#digests.unsigned++
    if (publicKey !== undefined) this.#keys.set(publicKey, (this.#keys.get(publicKey) ?? 0) + 1)
    const { startMs, endMs } = digest ?? {}
    this.#options.onResult?.({
      type: 'digest',
      key,
      chain,
      startMs,
      endMs,
      state,
      publicKey: publicKey?.fingerprint,
    })
    const { nowMs } = this.#options
    if (state === 'proven' && endMs !== undefined && endMs > nowMs + clockSlackMs) throw wrongClock(key, endMs, nowMs)
  }

  /** A log that cannot be compared with a hash. */
  log({ object, state }: Exclude<JoinedLog, { state: 'listed' }>): void {
    this.#result(object, undefined, state)
  }

  /** A log that was compared with its hash, or could not be. */
  outcome(outcome: Outcome): void {
    if (!('listed' in outcome.object)) return
    const log = outcome.object as LogToCheck
    if (outcome.status === 'done') this.checked(log, listedOf(log), outcome.found as LogCheck)
    else if (outcome.status === 'failed') this.unchecked(log, listedOf(log), 'failed', outcome.error)
    else this.unchecked(log, listedOf(log), 'archived')
  }

  /** A log that was compared with the hash that a digest lists. */
  checked(log: LogObject, { chain }: ListedLog, { findings, members }: LogCheck): void {
    const logs = this.#chain(chain)
    for (const finding of findings) this.finding(finding)
    const isVerified = findings.length === 0
    if (isVerified) logs.verified++
    else logs.notVerified++
    if (isVerified && members > 1) this.#severalMembers++
    this.#result(log, chain, isVerified ? 'verified' : 'wrong', members > 1 ? members : undefined)
  }

  /** A log that a digest lists and that was not read. */
  unchecked(log: LogObject, { chain }: ListedLog, state: 'failed' | 'archived', error?: CrosstrailError): void {
    const logs = this.#chain(chain)
    logs.notVerified++
    noteBad(logs, log.deliveredAtMs)
    this.#result(log, chain, state, undefined, error)
  }

  report(run: RunReport): VerifyReport {
    const { where, mayBeEmpty = false } = this.#options
    const found = this.#digests.found + Object.values(this.#logs).reduce((sum, count) => sum + count, 0)
    if (found === 0 && isWholeRun(run) && !mayBeEmpty && this.#findings.size === 0) this.finding(nothingToVerify(where))
    return { ...run, ...this.proof() }
  }

  /** The report without that of the run. */
  proof(): ProofReport {
    const { places, isMoved } = this.#options
    return {
      streams: this.#streams.map((stream) => this.#streamReport(stream)).toSorted(byName),
      digests: this.#digests,
      logs: this.#logs,
      severalMembers: this.#severalMembers,
      findings: Object.fromEntries([...this.#findings].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      keys: [...this.#keys].map(([{ key: _key, der: _der, ...key }, digests]): UsedKey => ({ ...key, digests })),
      deliveredTo: Object.fromEntries(places.recorded),
      moved: [...places.recorded.keys()].some(isMoved),
    }
  }

  #streamReport({ name, state, isFinished }: Stream): StreamReport {
    const { chains, unlisted, pending, unproven, uncovered } = state()
    return {
      ...name,
      chains: chains.map((chain) => this.#chainReport(chain, isFinished)),
      unlisted,
      pending,
      unproven,
      uncovered,
      finished: isFinished,
    }
  }

  #chainReport(state: ChainState, isFinished: boolean): ChainReport {
    const { verified, missing, notVerified, firstBadMs } = this.#chain(state.chain)
    const { digests, missing: missingDigests, pending, verifiedUntilMs } = state
    return {
      ...state,
      expected: digests + missingDigests + pending,
      logsVerified: verified,
      logsMissing: missing,
      logsNotVerified: notVerified,
      // Logs of a stream that is not finished may still wait for their comparison.
      verifiedUntilMs: verifiedUntilMs === undefined || !isFinished ? undefined : Math.min(verifiedUntilMs, firstBadMs),
    }
  }

  #result(log: LogObject, chain: ChainName | undefined, state: LogState, members?: number, error?: CrosstrailError) {
    this.#logs[state]++
    this.#options.onResult?.({ type: 'log', log, chain, state, members, error })
  }

  #chain(name: ChainName): ChainLogs {
    const text = chainText(name)
    let logs = this.#chains.get(text)
    if (logs === undefined) {
      logs = { verified: 0, missing: 0, notVerified: 0, firstBadMs: Infinity }
      this.#chains.set(text, logs)
    }
    return logs
  }
}

/** Whether the run came to its end. Single logs may still be unread. */
export function isWholeRun({ interrupted, error, accounts }: RunReport): boolean {
  return !interrupted && error === undefined && accounts.every((account) => account.error === undefined)
}

function noteBad(logs: ChainLogs, atMs: number | undefined): void {
  logs.firstBadMs = Math.min(logs.firstBadMs, atMs ?? 0)
}

function byName(a: StreamName, b: StreamName): number {
  return `${a.logAccount} ${a.region}` < `${b.logAccount} ${b.region}` ? -1 : 1
}

/** Clocks differ a little. */
const clockSlackMs = 15 * minuteMs

function wrongClock(key: string, endMs: number, nowMs: number): CrosstrailError {
  const [said, now] = [formatInstant(endMs), formatInstant(nowMs)]
  return new CrosstrailError(
    'usage.wrong-clock',
    `the clock of this machine is wrong: it says ${now}, and CloudTrail signed the digest ${key} at ${said} or later`,
    { hint: 'set the clock: which digests are due depends on it', facts: { key, said, now } },
  )
}
