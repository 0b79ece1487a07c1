import { RefusalShare } from './refusal-share.ts'

/** A server may count per second, so its refusals in the first second after a change say nothing. */
const settlingMs = 1_000
/** The first call after a full second comes slightly late. */
const lateMs = 100
/** The share of the refusals that may remain if the trial is to succeed. */
const hopedToStay = 0.35
/** The logarithm of the required ratio between the likelihoods of the two explanations: about 50. */
const certain = 4
const leastCalls = 24
const mostCalls = 400

export interface TrialOptions {
  /** The share of calls that was refused before the trial. */
  readonly before: number
  /** The known share of calls that is refused at any rate. */
  readonly base: number
  /** Whether `before` was counted long enough at a constant rate. */
  readonly isSure: boolean
  readonly nowMs: number
}

/**
 * A sequential test of two hypotheses after calls were slowed down: the share of refused calls is unchanged, or it has fallen. It starts
 * counting at a full second of the clock, so that threads that slow down one after the other count only while all of them are slow.
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

  /** Returns undefined while the test is undecided. */
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
