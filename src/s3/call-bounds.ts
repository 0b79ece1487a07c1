import { CallRate, type KeptRate } from './call-rate.ts'
import type { CallTally } from './call-tally.ts'
import { RefusalJudge } from './refusal-judge.ts'

export interface CallBoundsOptions {
  /** The maximum number of concurrent calls, 1 to 512. */
  readonly maxConcurrency: number
  readonly initialConcurrency: number
  /** How many concurrent calls this thread can handle, given the present limit. Any further connection costs a handshake and then waits. */
  readonly worthWith: (limit: number) => number
  /** Counts the calls of all threads: if one thread slowed down alone, it would see no effect. */
  readonly tally: CallTally
  /** Returns how many calls may start per second at most. Default: no limit. */
  readonly mostPerSecond?: (() => number) | undefined
}

/** How much each round increases the number of concurrent calls, after slowing down has helped once. */
const growthPerRound = 8

interface Kept {
  readonly limit: number
  readonly hasSlowed: boolean
  readonly rate: KeptRate
}

/**
 * Decides how many calls may be pending and how many may start per second. The number of concurrent calls doubles with each round of
 * answers, up to what this thread can handle. If the server asks to slow down, the number is halved and the rate is limited too. If that
 * does not help, both return to their old values. It has no clock and does not wait; `Pacer` does both.
 */
export class CallBounds {
  readonly #worthWith: (limit: number) => number
  readonly #tally: CallTally
  readonly #mostPerSecond: () => number
  readonly #rate = new CallRate()
  readonly #judge = new RefusalJudge()
  #max: number
  #limit: number
  #hasSlowed = false
  /** The values to return to, while it is not known whether slowing down helps. */
  #kept: Kept | undefined

  constructor({
    maxConcurrency,
    initialConcurrency,
    worthWith,
    tally,
    mostPerSecond = () => Infinity,
  }: CallBoundsOptions) {
    this.#max = maxConcurrency
    this.#limit = Math.min(initialConcurrency, maxConcurrency)
    this.#worthWith = worthWith
    this.#tally = tally
    this.#mostPerSecond = mostPerSecond
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

  /** Returns how long the next call must wait, in milliseconds. If it returns 0, the call has taken its turn. */
  take(nowMs: number): number {
    return this.#rate.take(nowMs, this.#mostPerSecond())
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
