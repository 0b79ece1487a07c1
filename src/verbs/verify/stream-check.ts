import { hourMs } from '../../trail/calendar.ts'
import { parseLogFileName } from '../../trail/log-file-name.ts'
import type { KeyParts, LogObject } from '../../trail/log-object.ts'
import { ChainCheck } from './chain-check.ts'
import type { ChainRules, ChainStart, ChainState } from './chain-facts.ts'
import { chainText, type StreamName } from './chain-name.ts'
import type { CheckedDigest, DigestRules, ReadDigest } from './check-digest.ts'
import type { ListedLog } from './check-log.ts'
import type { VerifyFinding } from './finding.ts'
import { instantSpan } from './instant-span.ts'
import { aboutLog, type JoinedLog, LogJoin, reachMs, stampMs } from './log-join.ts'
import type { DarkSpan } from './span.ts'
import { UnlistedLogs } from './unlisted-logs.ts'
import { WaitingDigests } from './waiting-digests.ts'

export interface StreamRules extends ChainRules, DigestRules {
  /** Whether a log is to be verified: it was delivered in the window, and is of a selected kind. */
  readonly isSelected: (log: KeyParts, key: string) => boolean
}

export interface StreamListener {
  finding(finding: VerifyFinding): void
  digest(digest: CheckedDigest): void
  log(log: JoinedLog): void
}

export interface StreamState {
  readonly chains: readonly ChainState[]
  /** Logs that are there and that a proven digest lists. */
  readonly listed: number
  readonly missing: number
  readonly unlisted: number
  /** Logs whose digest is not due yet. */
  readonly pending: number
  /** Logs whose digest is missing or not proven. */
  readonly unproven: number
  /** Logs that were delivered before the first digest. */
  readonly uncovered: number
}

/**
 * Verifies one stream in one pass. Give the digests that end from two hours before the window until two hours after it, in the order of the
 * stamps in their names, and the logs in the order of their delivery. `feedStream` lets the two take turns.
 */
export class StreamCheck {
  readonly #stream: StreamName
  readonly #rules: StreamRules
  readonly #listener: StreamListener
  readonly #chains = new Map<string, { readonly check: ChainCheck; readonly waiting: WaitingDigests }>()
  /** Backfill digests are not hourly, so they cover no time. */
  readonly #standard: ChainCheck[] = []
  readonly #join: LogJoin
  readonly #unlisted: UnlistedLogs
  readonly #counts = { listed: 0, pending: 0, unproven: 0, uncovered: 0 }
  #uncovered = { fromMs: Infinity, toMs: -Infinity }
  #digestsUntilMs = -Infinity
  #logsUntilMs = -Infinity
  #isFinished = false

  constructor(stream: StreamName, rules: StreamRules, listener: StreamListener) {
    this.#stream = stream
    this.#rules = rules
    this.#listener = listener
    this.#unlisted = new UnlistedLogs(stream, (finding) => listener.finding(finding))
    this.#join = new LogJoin(this, rules, {
      finding: (finding) => listener.finding(finding),
      log: (log) => this.#take(log),
    })
  }

  get state(): StreamState {
    const chains = [...this.#chains.values()].map(({ check }) => check.state)
    return { chains, ...this.#counts, missing: this.#join.missing, unlisted: this.#unlisted.count }
  }

  /** The chains whose first given digest has no predecessor. */
  get starts(): readonly ChainStart[] {
    return this.#standard.flatMap(({ start }) => start ?? [])
  }

  /** How many logs are in memory. */
  get held(): number {
    return this.#join.held
  }

  /** Says that all digests whose stamp is before an instant were given. */
  passDigests(untilMs: number): void {
    this.#digestsUntilMs = Math.max(this.#digestsUntilMs, untilMs)
    for (const { waiting } of this.#chains.values()) waiting.release(untilMs)
    this.#advance()
  }

  addDigest(read: ReadDigest): void {
    this.passDigests(read.parts.deliveredAtMs)
    this.#chainOf(read).waiting.add(read)
  }

  endDigests(): void {
    for (const { waiting } of this.#chains.values()) waiting.release(Infinity)
    for (const { check } of this.#chains.values()) check.finish()
    this.#isFinished = true
    this.passDigests(Infinity)
  }

  addLog(log: LogObject): void {
    const hour = Math.floor(log.deliveredAtMs / hourMs)
    if (hour * hourMs > this.#logsUntilMs) {
      this.#logsUntilMs = hour * hourMs
      this.#advance()
    }
    if (this.#rules.isSelected(log, log.key)) this.#join.find(log)
  }

  /** Call it after the last digest and the last log. */
  finish(): StreamState {
    if (!this.#isFinished) this.endDigests()
    this.#logsUntilMs = Infinity
    this.#advance()
    this.#unlisted.finish()
    if (this.#counts.uncovered > 0) this.#listener.finding(this.#noDigests())
    return this.state
  }

  isCovered(deliveredAtMs: number): boolean {
    return this.#standard.some(({ span }) => span !== undefined && span.startMs <= deliveredAtMs + stampMs)
  }

  isSilent(deliveredAtMs: number): boolean {
    if (this.#isFinished) return false
    const untilMs = deliveredAtMs + reachMs
    return this.#standard.some(({ span }) => span !== undefined && span.startMs < untilMs && span.endMs < untilMs)
  }

  #chainOf({ chain: name }: ReadDigest): { readonly waiting: WaitingDigests } {
    const text = chainText(name)
    const known = this.#chains.get(text)
    if (known !== undefined) return known
    const check = new ChainCheck(name, this.#rules, {
      finding: (finding) => this.#listener.finding(finding),
      dark: (span) => this.#dark(span),
    })
    const waiting = new WaitingDigests(this.#rules, (checked) => {
      check.add(checked)
      this.#listener.digest(checked)
      if (checked.state === 'proven' && checked.isInPlace) this.#list(checked)
    })
    const chain = { check, waiting }
    this.#chains.set(text, chain)
    if (!name.backfill) this.#standard.push(check)
    return chain
  }

  #list({ key: digestKey, chain, digest }: CheckedDigest): void {
    for (const { bucket, key, sha256 } of digest?.logs ?? []) {
      const log: ListedLog = { bucket, key, sha256, digestKey, chain }
      const parts = parseLogFileName(key)
      const { logAccount, region } = this.#stream
      if (
        parts === undefined ||
        parts.kind === 'digest' ||
        parts.logAccount !== logAccount ||
        parts.region !== region
      ) {
        const why = `its name is none of a log of ${logAccount}/${region} that crosstrail knows`
        this.#listener.finding(unchecked(log, why))
      } else if (this.#rules.isSelected(parts, key) && !this.#join.list(log, parts.deliveredAtMs)) {
        this.#listener.finding(unchecked(log, 'it was delivered long before'))
      }
    }
  }

  #advance(): void {
    let digestsUntilMs = this.#digestsUntilMs
    for (const { waiting } of this.#chains.values()) digestsUntilMs = Math.min(digestsUntilMs, waiting.sinceMs)
    this.#join.advance(digestsUntilMs, this.#logsUntilMs)
  }

  #take(log: JoinedLog): void {
    const { object } = log
    if (log.state === 'unlisted') this.#unlisted.add(object)
    else this.#counts[log.state]++
    if (log.state === 'listed') this.#unlisted.noteListed(object.deliveredAtMs)
    if (log.state === 'uncovered') {
      this.#uncovered.fromMs = Math.min(this.#uncovered.fromMs, object.deliveredAtMs)
      this.#uncovered.toMs = Math.max(this.#uncovered.toMs, object.deliveredAtMs)
    }
    this.#listener.log(log)
  }

  #dark(span: DarkSpan): void {
    this.#join.dark(span)
    if (!span.isPending) this.#counts.unproven += this.#unlisted.explain(span)
    const { fromMs, toMs } = this.#uncovered
    if (span.isPending || span.startMs > fromMs || span.endMs <= toMs) return
    // The chain reaches further back than its first digest that is there.
    this.#counts.unproven += this.#counts.uncovered
    this.#counts.uncovered = 0
    this.#uncovered = { fromMs: Infinity, toMs: -Infinity }
  }

  #noDigests(): VerifyFinding {
    const { logAccount, region } = this.#stream
    const { fromMs, toMs } = this.#uncovered
    const count = this.#counts.uncovered
    const why = this.#chains.size === 0 ? 'there are no digests' : 'no proven digest is as old'
    const message = `${count} ${count === 1 ? 'log' : 'logs'} of ${logAccount}/${region}, delivered from ${instantSpan(fromMs, toMs)}, cannot be proven, because ${why}: validation was off, or digests were deleted`
    return { code: 'verify.no-digests', key: undefined, chain: undefined, startMs: fromMs, endMs: toMs + 1, message }
  }
}

function unchecked(log: ListedLog, why: string): VerifyFinding {
  return aboutLog(
    'verify.log-unchecked',
    log,
    `the digest ${log.digestKey} lists ${log.key}, which was not checked: ${why}`,
  )
}
