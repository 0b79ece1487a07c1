import { hourMs, minuteMs } from '../../trail/calendar.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { ChainRules } from './chain-facts.ts'
import { type ListedLog, periodOf } from './check-log.ts'
import { keyTail } from './digest-name.ts'
import type { VerifyFinding, VerifyFindingCode } from './finding.ts'
import type { DarkSpan, Span } from './span.ts'

/** What became of a log that is there. Only a `listed` one can be compared with a hash. */
export type JoinedLog =
  | { readonly state: 'listed'; readonly object: LogObject; readonly listed: ListedLog }
  | {
      /** `unproven`: the digest that should list it is missing or not proven. `uncovered`: no chain had started yet. */
      readonly state: 'unlisted' | 'pending' | 'unproven' | 'uncovered'
      readonly object: LogObject
    }

export interface JoinListener {
  log(log: JoinedLog): void
  finding(finding: VerifyFinding): void
}

/** What the chains know about the time of a log. */
export interface Chains {
  /** Whether any chain covers that time; false before the first digest. */
  isCovered(deliveredAtMs: number): boolean
  /** Whether a chain that goes on has given no digest yet that could list a log of that time. */
  isSilent(deliveredAtMs: number): boolean
}

/** Stamps of logs are in whole minutes. */
export const stampMs = minuteMs
/** A log is in the digest of its period or in the next one: none that starts later can list it. */
export const reachMs = hourMs + stampMs

interface Listed {
  readonly log: ListedLog
  isFound: boolean
  isContradicted: boolean
}

/** The logs that were delivered in one hour. */
interface Bucket {
  readonly listed: Map<string, Listed>
  readonly found: Map<string, LogObject>
}

/**
 * Joins the logs that digests list with those that are there. Both come in the order of time, so that memory holds only the hours that are
 * undecided.
 */
export class LogJoin {
  readonly #listener: JoinListener
  readonly #chains: Chains
  readonly #waitMs: number
  readonly #nowMs: number
  readonly #buckets = new Map<number, Bucket>()
  readonly #spans: DarkSpan[] = []
  #decidedUntilMs = -Infinity
  /** The delivery of the newest log that is unproven because its chain is silent, until it is known what became of the chain's digests. */
  #unexplainedMs = -Infinity
  #missing = 0

  constructor(chains: Chains, { nowMs, graceMs }: Pick<ChainRules, 'nowMs' | 'graceMs'>, listener: JoinListener) {
    this.#chains = chains
    this.#nowMs = nowMs
    this.#listener = listener
    // The end of the next period, and until its digest is due.
    this.#waitMs = 2 * hourMs + graceMs + stampMs
  }

  get missing(): number {
    return this.#missing
  }

  /** How many logs wait for a decision. */
  get held(): number {
    let held = 0
    for (const { listed, found } of this.#buckets.values()) held += listed.size + found.size
    return held
  }

  /** Adds a log that a proven digest lists. Returns false if it comes too late to be looked up. */
  list(log: ListedLog, deliveredAtMs: number): boolean {
    const bucket = this.#bucketAt(deliveredAtMs)
    if (bucket === undefined) return false
    const tail = keyTail(log.key)
    const known = bucket.listed.get(tail)
    if (known !== undefined) {
      if (known.log.sha256 !== log.sha256 && !known.isContradicted) {
        known.isContradicted = true
        const message = `the log ${log.key} has one hash in ${known.log.digestKey} and another one in ${log.digestKey}`
        this.#listener.finding(aboutLog('verify.log-listed-twice', log, message))
      }
      return true
    }
    const object = bucket.found.get(tail)
    bucket.found.delete(tail)
    bucket.listed.set(tail, { log, isFound: object !== undefined, isContradicted: false })
    if (object !== undefined) this.#listener.log({ state: 'listed', object, listed: log })
    return true
  }

  /** Adds a log that is there. */
  find(object: LogObject): void {
    const bucket = this.#bucketAt(object.deliveredAtMs)
    if (bucket === undefined) throw new Error(`${object.key} comes after logs that were delivered hours later`)
    const tail = keyTail(object.key)
    const known = bucket.listed.get(tail)
    if (known === undefined) bucket.found.set(tail, object)
    else if (!known.isFound) {
      known.isFound = true
      this.#listener.log({ state: 'listed', object, listed: known.log })
    }
  }

  dark(span: DarkSpan): void {
    if (holdsLog(span, this.#unexplainedMs) && !span.isPending) {
      this.#unexplainedMs = -Infinity
      this.#spans.push(this.#explained(span))
    } else this.#spans.push(span)
  }

  /** Decides what can be decided once all digests up to an instant and all logs up to another are known. */
  advance(digestsUntilMs: number, logsUntilMs: number): void {
    const untilMs = Math.min(digestsUntilMs - this.#waitMs, logsUntilMs)
    for (const hour of [...this.#buckets.keys()].toSorted((a, b) => a - b)) {
      const endMs = (hour + 1) * hourMs
      if (endMs > untilMs) break
      this.#decide(hour)
    }
    this.#decidedUntilMs = Math.max(this.#decidedUntilMs, Math.floor(untilMs / hourMs) * hourMs)
    this.#forgetSpans()
  }

  #decide(hour: number): void {
    const bucket = this.#buckets.get(hour)
    this.#buckets.delete(hour)
    for (const { log, isFound } of bucket?.listed.values() ?? []) {
      if (isFound) continue
      this.#missing++
      this.#listener.finding(
        aboutLog(
          'verify.log-missing',
          log,
          `the log ${log.key} is missing: the digest ${log.digestKey} lists it in the bucket ${log.bucket}`,
        ),
      )
    }
    for (const object of bucket?.found.values() ?? []) {
      this.#listener.log({ state: this.#stateOf(object.deliveredAtMs), object })
    }
  }

  #stateOf(deliveredAtMs: number): Exclude<JoinedLog['state'], 'listed'> {
    const spans = this.#spans.filter((span) => holdsLog(span, deliveredAtMs))
    // Something wrong comes before something that is not due yet.
    const dark = spans.filter(({ isPending }) => !isPending)
    if (dark.length > 0) {
      // Findings outside the window are reported only if nothing else explains the log.
      if (dark.every(({ findings }) => findings.length > 0)) {
        for (const span of dark) this.#spans[this.#spans.indexOf(span)] = this.#explained(span)
      }
      return 'unproven'
    }
    if (this.#chains.isSilent(deliveredAtMs)) {
      this.#unexplainedMs = Math.max(this.#unexplainedMs, deliveredAtMs)
      return 'unproven'
    }
    if (spans.length > 0) return 'pending'
    if (this.#chains.isCovered(deliveredAtMs)) return 'unlisted'
    // The first digest of a new trail may not be due.
    return deliveredAtMs + this.#waitMs > this.#nowMs ? 'pending' : 'uncovered'
  }

  #explained(span: DarkSpan): DarkSpan {
    for (const finding of span.findings) this.#listener.finding(finding)
    return { ...span, findings: [] }
  }

  #bucketAt(deliveredAtMs: number): Bucket | undefined {
    if (deliveredAtMs < this.#decidedUntilMs) return undefined
    const hour = Math.floor(deliveredAtMs / hourMs)
    let bucket = this.#buckets.get(hour)
    if (bucket === undefined) {
      bucket = { listed: new Map(), found: new Map() }
      this.#buckets.set(hour, bucket)
    }
    return bucket
  }

  #forgetSpans(): void {
    const kept = this.#spans.filter(({ endMs }) => endMs > this.#decidedUntilMs - hourMs)
    if (kept.length < this.#spans.length) this.#spans.splice(0, this.#spans.length, ...kept)
  }
}

/** Whether a digest of that time could list a log. */
export function holdsLog({ startMs, endMs }: Span, deliveredAtMs: number): boolean {
  return startMs < deliveredAtMs + reachMs && endMs > deliveredAtMs
}

export function aboutLog(code: VerifyFindingCode, log: ListedLog, message: string): VerifyFinding {
  const { key, chain } = log
  return { code, key, chain, ...periodOf(log), message }
}
