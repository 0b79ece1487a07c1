import { hourMs } from '../../trail/calendar.ts'
import type { Window } from '../../trail/window.ts'
import type { CheckedDigest } from './check-digest.ts'
import { type ChainName, chainText } from './chain-name.ts'
import type { VerifyFinding, VerifyFindingCode } from './finding.ts'
import { instantSpan } from './instant-span.ts'

/** A digest of a chain, in the order of the times in its name. */
export interface ChainDigest {
  readonly key: string
  /** SHA-256 of the unzipped file, also if it is not a digest. */
  readonly sha256: string
  /** Undefined if it is malformed. */
  readonly checked: CheckedDigest | undefined
}

export interface ChainRules {
  /** Periods that overlap it are expected. */
  readonly window: Window
  readonly nowMs: number
  /** How long after its period a digest may be delivered. */
  readonly graceMs: number
}

/** What a chain holds. Times are those of the digests. */
export interface ChainState {
  readonly digests: number
  readonly proven: number
  readonly missing: number
  /** Periods whose digest is not due yet. */
  readonly pending: number
  /** The end of the last proven digest without a finding before it in the window. */
  readonly verifiedUntilMs: number | undefined
}

/**
 * Compares the digests of one chain with their neighbors. Periods follow the chain's own times, not the clock's hours. Give the digests in
 * order; a few that precede the window let the first one of the window be compared.
 */
export class ChainCheck {
  readonly #chain: ChainName
  readonly #rules: ChainRules
  readonly #report: (finding: VerifyFinding) => void
  #last: ChainDigest | undefined
  /** The end of the last digest whose times are known. */
  #lastEndMs: number | undefined
  #unknownSince = 0
  readonly #state = { digests: 0, proven: 0, missing: 0, pending: 0 }
  #verifiedUntilMs: number | undefined
  #isUnbroken = true

  constructor(chain: ChainName, rules: ChainRules, report: (finding: VerifyFinding) => void) {
    this.#chain = chain
    this.#rules = rules
    this.#report = report
  }

  get state(): ChainState {
    return { ...this.#state, verifiedUntilMs: this.#verifiedUntilMs }
  }

  add(next: ChainDigest): void {
    const digest = next.checked?.digest
    const isInside = digest === undefined || this.#overlaps(digest.startMs, digest.endMs)
    if (isInside) this.#state.digests++
    if (digest === undefined) this.#unknownSince++
    else this.#compare(next, digest.startMs)
    if (isInside && next.checked?.isProven === true) this.#state.proven++
    this.#last = next
    if (digest === undefined) {
      this.#isUnbroken = false
      return
    }
    this.#lastEndMs = Math.max(digest.endMs, this.#lastEndMs ?? 0)
    this.#unknownSince = 0
    this.#isUnbroken &&= next.checked?.isProven === true
    if (this.#isUnbroken) this.#verifiedUntilMs = digest.endMs
  }

  /** Reports the periods after the last digest that are due. */
  finish(): ChainState {
    const { window, nowMs, graceMs } = this.#rules
    if (this.#lastEndMs === undefined) return this.state
    const untilMs = Math.min(window.toMs ?? nowMs, nowMs)
    // Malformed digests at the end stand for their periods.
    for (let startMs = this.#lastEndMs + this.#unknownSince * hourMs; startMs < untilMs; startMs += hourMs) {
      const endMs = startMs + hourMs
      if (endMs + graceMs > nowMs) this.#state.pending++
      else this.#missing(startMs, endMs, 'it is due, and nothing follows it in its chain')
    }
    return this.state
  }

  #compare(next: ChainDigest, startMs: number): void {
    const last = this.#last
    const previous = next.checked?.digest.previous
    if (previous === undefined) {
      if (last !== undefined) this.#restarted(next, startMs)
      return
    }
    if (last === undefined) {
      this.#missingUntil(
        this.#rules.window.fromMs,
        startMs,
        `its successor ${next.key} names ${previous.key} as the digest before`,
      )
      return
    }
    if (fileName(previous.key) !== fileName(last.key)) {
      const endMs = this.#lastEndMs
      const before = this.#missingUntil(
        endMs === undefined ? undefined : endMs + this.#unknownSince * hourMs,
        startMs,
        `${next.key} names ${previous.key} as the digest before`,
      )
      if (before === 0) {
        this.#add(
          'verify.previous-hash',
          next,
          `${next.key} names ${previous.key} as the digest before, and ${last.key} precedes it`,
        )
      }
      return
    }
    if (previous.sha256 !== last.sha256) {
      this.#add(
        'verify.previous-hash',
        next,
        `${next.key} records another hash of the digest before, ${last.key}: one of them was changed`,
      )
    }
    const signature = last.checked?.signature
    if (signature !== undefined && previous.signature !== signature) {
      this.#add(
        'verify.previous-signature',
        next,
        `${next.key} records another signature of the digest before, ${last.key}: one of them was changed`,
      )
    }
  }

  #restarted(next: ChainDigest, startMs: number): void {
    const span = this.#lastEndMs === undefined ? '' : ` from ${instantSpan(this.#lastEndMs, startMs)}`
    this.#add(
      'verify.chain-restarted',
      next,
      `${next.key} starts a new chain${span}: logging or validation was turned off, the trail was deleted and made again, or digests were deleted`,
    )
  }

  /** Reports each missing period between two instants by itself, and returns how many there are. */
  #missingUntil(fromMs: number | undefined, endMs: number, why: string): number {
    if (fromMs === undefined) {
      this.#missing(endMs - hourMs, endMs, why)
      return 1
    }
    let count = 0
    // From the end, because the times of the successor are known.
    for (let periodEndMs = endMs; periodEndMs > fromMs; periodEndMs -= hourMs) count++
    for (let left = count; left > 0; left--) this.#missing(endMs - left * hourMs, endMs - (left - 1) * hourMs, why)
    return count
  }

  #missing(startMs: number, endMs: number, why: string): void {
    if (!this.#overlaps(startMs, endMs)) return
    this.#isUnbroken = false
    this.#state.missing++
    this.#report({
      code: 'verify.digest-missing',
      key: undefined,
      chain: this.#chain,
      startMs,
      endMs,
      message: `the digest of ${chainText(this.#chain)} for ${instantSpan(startMs, endMs)} is missing: ${why}`,
    })
  }

  #add(code: VerifyFindingCode, { key, checked }: ChainDigest, message: string): void {
    this.#isUnbroken = false
    const { startMs, endMs } = checked?.digest ?? {}
    this.#report({ code, key, chain: this.#chain, startMs, endMs, message })
  }

  #overlaps(startMs: number, endMs: number): boolean {
    const { fromMs, toMs } = this.#rules.window
    return startMs < (toMs ?? Infinity) && endMs > (fromMs ?? -Infinity)
  }
}

/** A chain that was moved to another prefix keeps its file names. */
function fileName(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
