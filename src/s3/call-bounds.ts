import { CallRate, type KeptRate } from './call-rate.ts'
import type { CallTally } from './call-tally.ts'
import { RefusalJudge } from './refusal-judge.ts'

export interface CallBoundsOptions {
  /** The ceiling of calls under way, 1 to 512. */
  readonly maxConcurrency: number
  readonly initialConcurrency: number
  /** How many calls at a time this thread has time for, if so many are allowed now. A connection more than that costs a handshake and waits. */
  readonly worthWith: (limit: number) => number
  /** Of all threads: one that slowed down alone would see no effect. */
  readonly tally: CallTally
}

/** By so much a round grows the number of calls at a time once the server asked to slow down, and that helped. */
const growthPerRound = 8

interface Kept {
  readonly limit: number
  readonly hasSlowed: boolean
  readonly rate: KeptRate
}

/**
 * How many calls may be under way, and how many may begin in a second. The calls at a time double per round of answers up to what this
 * thread has time for. If the server asks to slow down they halve, and the rate is bounded as well; if that does not help, both go back to what they were.
 * Without a clock and without waiting: `Pacer` has both.
 */
export class CallBounds {
  readonly #worthWith: (limit: number) => number
  readonly #tally: CallTally
  readonly #rate = new CallRate()
  readonly #judge = new RefusalJudge()
  #max: number
  #limit: number
  #hasSlowed = false
  /** What to go back to, while it is not known whether slowing down helps. */
  #kept: Kept | undefined

  constructor({ maxConcurrency, initialConcurrency, worthWith, tally }: CallBoundsOptions) {
    this.#max = maxConcurrency
    this.#limit = Math.min(initialConcurrency, maxConcurrency)
    this.#worthWith = worthWith
    this.#tally = tally
  }

  get limit(): number {
    return Math.floor(this.#limit)
  }

  get max(): number {
    return this.#max
  }

  lower(maxConcurrency: number): void {
    this.#max = Math.min(this.#max, maxConcurrency)
    this.#limit = Math.min(this.#limit, this.#max)
  }

  /** How long the next call has to wait, in milliseconds. 0 takes its turn. */
  take(nowMs: number): number {
    return this.#rate.take(nowMs)
  }

  answered(nowMs: number): void {
    this.#rate.answered(nowMs)
    this.#heed(false, nowMs)
    const limit = this.#limit
    if (limit >= this.#max) return
    const ceiling = Math.min(this.#max, this.#worthWith(limit))
    if (limit < ceiling) this.#limit = Math.min(ceiling, limit + (this.#hasSlowed ? growthPerRound / limit : 1))
  }

  refused(nowMs: number): void {
    this.#heed(true, nowMs)
  }

  #heed(isRefused: boolean, nowMs: number): void {
    const { base } = this.#judge
    this.#tally.add(isRefused)
    this.#tally.takeNew()
    switch (this.#judge.add(this.#tally.newAnswered, this.#tally.newRefused, nowMs)) {
      case 'helped-some':
        this.#rate.settle(nowMs)
        this.#keep()
        this.#slow(base, nowMs)
        return
      case 'slow-down':
        this.#keep()
        this.#slow(base, nowMs)
        return
      case 'slower':
        this.#slow(base, nowMs)
        return
      case 'stopped':
        this.#keep()
        this.#halve()
        return this.#rate.stop(base, nowMs)
      case 'stopped-again':
        return this.#rate.stop(base, nowMs)
      case 'still-stopped':
        return this.#rate.brake(nowMs)
      case 'no-help':
        return this.#goBack(nowMs)
      case 'helped':
        this.#kept = undefined
        return this.#rate.settle(nowMs)
      case undefined:
    }
  }

  #keep(): void {
    this.#kept = { limit: this.#limit, hasSlowed: this.#hasSlowed, rate: this.#rate.kept }
  }

  #halve(): void {
    this.#limit = Math.max(1, this.#limit / 2)
    this.#hasSlowed = true
  }

  #slow(base: number, nowMs: number): void {
    this.#halve()
    this.#rate.slow(base, nowMs)
  }

  #goBack(nowMs: number): void {
    if (this.#kept === undefined) return
    const { limit, hasSlowed, rate } = this.#kept
    this.#kept = undefined
    this.#limit = Math.min(this.#max, Math.max(this.#limit, limit))
    this.#hasSlowed = hasSlowed
    this.#rate.goBackTo(rate, nowMs)
  }
}
