import { hourMs, minuteMs } from '../../trail/calendar.ts'
import type { CheckedDigest } from './check-digest.ts'
import {
  type ChainListener,
  type ChainRules,
  type ChainStart,
  type ChainState,
  isElsewhere,
  spanOf,
} from './chain-facts.ts'
import { type ChainName, chainText } from './chain-name.ts'
import { placeText } from './delivery-places.ts'
import { keyBase, stampOfName } from './digest-name.ts'
import type { VerifyFinding, VerifyFindingCode } from './finding.ts'
import { firstDigestsMs } from './first-digests.ts'
import { instantSpan } from './instant-span.ts'
import { type RecentDigest, RecentDigests } from './recent-digests.ts'
import { type DarkSpan, periodsBetween, type Span } from './span.ts'

/** Two ends of periods that are closer than this belong to the same period. */
const toleranceMs = 30 * minuteMs

/**
 * Compares the digests of one chain with their neighbors. Periods follow the chain's own times, not the clock's hours. Give the digests in
 * the order of their names. One that precedes the window lets the first one of the window be compared.
 */
export class ChainCheck {
  readonly #chain: ChainName
  readonly #rules: ChainRules
  readonly #listener: ChainListener
  readonly #recent = new RecentDigests()
  #startMs: number | undefined
  #endMs: number | undefined
  #startKey: string | undefined
  readonly #state = { digests: 0, proven: 0, unsigned: 0, missing: 0, pending: 0 }
  #verifiedUntilMs: number | undefined
  #isUnbroken = true
  /** Whether a digest of it was proven. Until then, what it lacks explains no log. */
  #isReal = false
  readonly #unbelieved: DarkSpan[] = []

  constructor(chain: ChainName, rules: ChainRules, listener: ChainListener) {
    this.#chain = chain
    this.#rules = rules
    this.#listener = listener
  }

  get state(): ChainState {
    return { chain: this.#chain, ...this.#state, verifiedUntilMs: this.#verifiedUntilMs }
  }

  /** From the first digest to the last one so far. Undefined until one is proven: anybody could make up a chain. */
  get span(): Span | undefined {
    if (!this.#isReal || this.#startMs === undefined || this.#endMs === undefined) return undefined
    return { startMs: this.#startMs, endMs: this.#endMs }
  }

  /** The chain's first digest, if it was proven and has no predecessor. */
  get start(): ChainStart | undefined {
    if (this.#startKey === undefined || this.#startMs === undefined) return undefined
    return { chain: this.#chain, key: this.#startKey, startMs: this.#startMs }
  }

  add(next: CheckedDigest): void {
    if (!next.isInPlace && next.state === 'proven') {
      // Where it belongs it is missing, and the digests here do not know it.
      this.#reportStray(next)
      return
    }
    const span = spanOf(next)
    const isExpected = this.#isExpected(span)
    if (next.state === 'proven') this.#believe()
    else if (span.startMs > this.#rules.nowMs || span.endMs < firstDigestsMs) {
      // Made up: no digest is written before its period, and none was before CloudTrail signed any.
      this.#reportStray(next)
      return
    }
    if (isExpected) {
      this.#state.digests++
      for (const finding of next.findings) this.#report(finding)
    }
    this.#demandSignatureBefore(next, span, isExpected)
    this.#compare(next, span, isExpected)
    if (next.state !== 'proven') {
      this.#isUnbroken &&= !isExpected
      const isAfter = span.startMs >= (this.#rules.window.toMs ?? Infinity)
      const explains = isAfter && this.#rules.isOneOfMany !== true
      this.#listener.dark({ ...span, isPending: false, findings: explains ? next.findings : [] })
    } else if (isExpected) {
      this.#state.proven++
      if (this.#isUnbroken) this.#verifiedUntilMs = span.endMs
    }
    if (isExpected && next.state === 'unsigned') this.#state.unsigned++
    const isStart = this.#startMs === undefined && next.state === 'proven' && next.digest?.previous === undefined
    if (isStart) this.#startKey = next.key
    this.#startMs ??= span.startMs
    this.#endMs = Math.max(span.endMs, this.#endMs ?? span.endMs)
    this.#recent.add(next, span.endMs)
  }

  /** Reports the periods after the last digest that are due. */
  finish(): ChainState {
    const { window, nowMs, graceMs } = this.#rules
    // Backfill digests are not hourly: CloudTrail writes them if it has logs to add.
    if (this.#endMs === undefined || this.#chain.backfill) return this.state
    // The digest after the window may list logs of the window.
    const untilMs = Math.min((window.toMs ?? nowMs) + hourMs, nowMs)
    let startMs = this.#endMs
    for (; startMs < untilMs && startMs + hourMs + graceMs <= nowMs; startMs += hourMs) {
      this.#missing({ startMs, endMs: startMs + hourMs }, undefined, whyNothingFollows)
    }
    if (startMs + hourMs + graceMs <= nowMs) return this.state
    this.#dark({ startMs, endMs: Infinity, isPending: true, findings: [] })
    for (; startMs < Math.min(window.toMs ?? nowMs, nowMs); startMs += hourMs) {
      if (this.#isExpected({ startMs, endMs: startMs + hourMs })) this.#state.pending++
    }
    return this.state
  }

  /**
   * Only the newest digest of a chain may lack a signature: the next one has a copy. Otherwise anybody could make up digests, or the one that
   * follows the window.
   */
  #demandSignatureBefore(next: CheckedDigest, { startMs }: Span, isExpected: boolean): void {
    const last = this.#recent.last
    if (last?.state !== 'unsigned' || last.hasFindings) return
    const span = { startMs: last.endMs - hourMs, endMs: last.endMs }
    // A digest may list logs of the period before it.
    if (!this.#isExpected({ startMs: span.startMs - hourMs, endMs: span.endMs })) return
    const startsAnew = next.state === 'proven' && next.digest?.previous === undefined
    const isNext = startMs - last.endMs <= toleranceMs
    const isExplained = isNext
      ? isExpected && next.state !== 'unsigned'
      : !this.#chain.backfill && this.#isExpected({ startMs: last.endMs, endMs: last.endMs + hourMs })
    if (startsAnew || isExplained) return
    const why = `the next one, ${next.key}, has no copy of it`
    this.#add('verify.signature-missing', last.key, span, `the digest ${last.key} has no signature, and ${why}`)
  }

  #compare(next: CheckedDigest, span: Span, isExpected: boolean): void {
    const previous = next.digest?.previous
    const link = previous && this.#recent.find(previous.key)
    if (link !== undefined && previous !== undefined) {
      const isLinkExpected = this.#isExpected({ startMs: link.endMs - hourMs, endMs: link.endMs })
      const isSeen = isExpected || (isLinkExpected && this.#rules.isOneOfMany !== true)
      if (isSeen) this.#compareLink(next, previous, link, span)
    }
    if (next.state !== 'proven') {
      if (!this.#chain.backfill) this.#gapBefore(next, span, previous !== undefined)
    } else if (previous === undefined) {
      this.#restarted(next, span)
    } else if (link === undefined) {
      this.#predecessorMissing(next, previous.key, span)
    }
  }

  /** What an unproven digest says of its predecessor is not believed. The names of both show whether digests between them are missing. */
  #gapBefore(next: CheckedDigest, { startMs }: Span, hasPrevious: boolean): void {
    const last = this.#recent.last
    if (this.#endMs === undefined || last === undefined) {
      const fromMs = this.#rules.window.fromMs ?? startMs - hourMs
      const why = `the digest ${next.key} is not the first of its chain`
      if (hasPrevious) for (const period of periodsBetween(fromMs, startMs, 0)) this.#missing(period, undefined, why)
      this.#dark({ startMs: -Infinity, endMs: startMs, isPending: false, findings: [] })
      return
    }
    for (const period of periodsBetween(this.#endMs, startMs, toleranceMs)) {
      this.#missing(period, undefined, `the digest ${next.key} follows ${last.key}`)
    }
  }

  #compareLink(
    next: CheckedDigest,
    previous: { sha256: string; signature: string },
    link: RecentDigest,
    span: Span,
  ): void {
    const changed = `of the digest before, ${link.key}: one of them was changed`
    if (link.sha256 !== undefined && previous.sha256 !== link.sha256) {
      this.#add('verify.previous-hash', next.key, span, `the digest ${next.key} records another hash ${changed}`)
    }
    if (link.signature !== undefined && previous.signature !== link.signature) {
      this.#add(
        'verify.previous-signature',
        next.key,
        span,
        `the digest ${next.key} records another signature ${changed}`,
      )
    }
  }

  #predecessorMissing(next: CheckedDigest, previousKey: string, { startMs }: Span): void {
    const digest = next.digest
    const previousBucket = digest?.previous?.bucket
    if (digest !== undefined && isElsewhere(digest, previousKey, previousBucket)) {
      const place = placeText({ bucket: previousBucket, base: keyBase(previousKey) })
      this.#broken(
        'verify.chain-elsewhere',
        next.key,
        startMs,
        (span) => `the digests of ${chainText(this.#chain)}${span} were delivered to ${place}: verify that place too`,
      )
      return
    }
    const why = `the digest ${next.key} names ${previousKey} as the one before it`
    if (this.#chain.backfill) {
      const endMs = stampOfName(previousKey) ?? startMs
      this.#missing({ startMs: endMs - hourMs, endMs }, previousKey, why)
      return
    }
    const isFirst = this.#recent.last === undefined
    const periods = isFirst
      ? periodsBetween(this.#rules.window.fromMs ?? startMs - hourMs, startMs, 0)
      : periodsBetween(this.#recent.endBefore(startMs - toleranceMs) ?? startMs, startMs, toleranceMs)
    if (periods.length === 0) periods.push({ startMs: startMs - hourMs, endMs: startMs })
    for (const period of periods) this.#missing(period, period.endMs === startMs ? previousKey : undefined, why)
    if (isFirst) {
      // Nothing tells how far the chain reaches back.
      this.#dark({ startMs: -Infinity, endMs: startMs, isPending: false, findings: [] })
    }
  }

  #restarted(next: CheckedDigest, { startMs }: Span): void {
    if (this.#recent.last === undefined || this.#chain.backfill) return
    this.#broken(
      'verify.chain-restarted',
      next.key,
      startMs,
      (span) => `the digest ${next.key} starts a new chain, and nothing is proven${span}: ${whyNoDigests}`,
    )
  }

  /** Reports that the chain has no digests from its last one to an instant. */
  #broken(code: VerifyFindingCode, key: string, untilMs: number, message: (span: string) => string): void {
    const fromMs = this.#endMs ?? this.#rules.window.fromMs
    const startMs = Math.min(fromMs ?? untilMs, untilMs)
    const span = { startMs, endMs: untilMs }
    const text = message(fromMs === undefined || startMs === untilMs ? '' : ` from ${instantSpan(startMs, untilMs)}`)
    // A chain can start again without a gap. Before an open window's first digest nothing is expected.
    const isExpected = fromMs !== undefined && this.#isExpected({ startMs, endMs: Math.max(untilMs, startMs + 1) })
    if (isExpected) this.#add(code, key, span, text)
    const findings =
      isExpected || untilMs <= (this.#rules.window.fromMs ?? -Infinity) ? [] : [this.#finding(code, key, span, text)]
    this.#dark({ ...span, startMs: fromMs === undefined ? -Infinity : startMs, isPending: false, findings })
  }

  #missing(span: Span, key: string | undefined, why: string): void {
    const message = `the digest of ${chainText(this.#chain)} for ${instantSpan(span.startMs, span.endMs)} is missing: ${why}`
    const finding = this.#finding('verify.digest-missing', key, span, message)
    const isExpected = this.#isExpected(span)
    if (isExpected) {
      this.#state.missing++
      this.#report(finding)
    }
    this.#dark({ ...span, isPending: false, findings: isExpected ? [] : [finding] })
  }

  #add(code: VerifyFindingCode, key: string, span: Span, message: string): void {
    this.#report(this.#finding(code, key, span, message))
  }

  #finding(code: VerifyFindingCode, key: string | undefined, { startMs, endMs }: Span, message: string): VerifyFinding {
    return { code, key, chain: this.#chain, startMs, endMs, message }
  }

  #report(finding: VerifyFinding): void {
    this.#isUnbroken = false
    this.#listener.finding(finding)
  }

  /** A digest that does not belong to the chain counts for the window that holds its name. */
  #reportStray({ parts: { deliveredAtMs: endMs }, findings }: CheckedDigest): void {
    if (this.#rules.isOneOfMany === true && !this.#isExpected({ startMs: endMs, endMs })) return
    for (const finding of findings) this.#report(finding)
  }

  #dark(given: DarkSpan): void {
    const span = this.#rules.isOneOfMany === true ? { ...given, findings: [] } : given
    if (this.#isReal) this.#listener.dark(span)
    else this.#unbelieved.push(span)
  }

  #believe(): void {
    this.#isReal = true
    for (const span of this.#unbelieved.splice(0)) this.#listener.dark(span)
  }

  #isExpected({ startMs, endMs }: Span): boolean {
    const {
      window: { fromMs = -Infinity, toMs = Infinity },
      isOneOfMany,
    } = this.#rules
    return endMs > fromMs && (isOneOfMany === true ? endMs <= toMs : startMs < toMs)
  }
}

const whyNoDigests = 'logging stopped, validation was turned off, the trail was deleted, or digests were deleted'
const whyNothingFollows = `it is due, and nothing follows in its chain, because ${whyNoDigests}`
