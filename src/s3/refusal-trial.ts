import { RefusalShare } from './refusal-share.ts'

/** A server may count by the second: what it refuses in the first second after a change says nothing. */
const settlingMs = 1_000
/** The first call after a full second comes a little late. */
const lateMs = 100
/** At least this part of the refusals is to go away. */
const hopedToStay = 0.35
/** The logarithm of how much likelier one explanation must be than the other: 50 times. */
const certain = 4
const leastCalls = 24
const mostCalls = 400

export interface TrialOptions {
  /** The share of calls that was refused before. */
  readonly before: number
  /** The share of calls that is refused at any rate, as far as it is known. */
  readonly base: number
  /** Whether `before` was counted for long enough, at a rate that did not change. */
  readonly isSure: boolean
  readonly nowMs: number
}

/**
 * Calls are made more slowly: is the share of refused ones what it was, or has it fallen? A sequential test of these two. It counts from a full
 * second of the clock on, so that threads that slow down one after the other count while all of them are slow.
 */
export class RefusalTrial {
  readonly before: number
  readonly base: number
  readonly isSure: boolean
  readonly share = new RefusalShare()
  readonly #countsFromMs: number
  readonly #hoped: number
  #evidence = 0

  constructor({ before, base, isSure, nowMs }: TrialOptions) {
    this.before = Math.min(before, 0.99)
    this.base = Math.min(base, this.before)
    this.isSure = isSure
    this.#countsFromMs = Math.ceil((nowMs - lateMs) / 1000) * 1000 + settlingMs
    this.#hoped = Math.max(0.005, this.base + (this.before - this.base) * hopedToStay)
  }

  /** Undefined while it is open. */
  add(answered: number, refused: number, nowMs: number): 'same' | 'fallen' | undefined {
    if (nowMs < this.#countsFromMs) return undefined
    this.share.add(answered, refused)
    const [before, hoped] = [this.before, this.#hoped]
    this.#evidence += refused * Math.log(before / hoped) + answered * Math.log((1 - before) / (1 - hoped))
    const { calls, value } = this.share
    if (this.#evidence <= -certain) return 'fallen'
    if (this.#evidence >= certain && calls >= leastCalls) return 'same'
    if (calls < mostCalls) return undefined
    return value - this.base > (this.before - this.base) / 2 ? 'same' : 'fallen'
  }
}
