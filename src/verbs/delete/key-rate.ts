import { roomBelowLimit } from '../../s3/call-rate.ts'
import { RefusalJudge } from '../../s3/refusal-judge.ts'

/** S3 takes 3,500 writes a second for each prefix of a bucket at least, and a key of a DeleteObjects is one. */
const mostKeysPerSecond = 3_000
const leastKeysPerSecond = 50
const growthPerCall = 1.02

export interface KeyRateOptions {
  readonly nowMs: () => number
  readonly keysPerSecond?: number | undefined
}

/**
 * How fast keys may be sent. The rate is lowered while that reduces refusals, and comes back by small steps. If it does not reduce them it is what
 * it was: then S3 refuses for another reason.
 */
export class KeyRate {
  readonly #nowMs: () => number
  readonly #most: number
  readonly #judge = new RefusalJudge()
  #keysPerSecond: number
  #freeAtMs: number
  /** What to go back to, while it is not known whether slowing down helps. */
  #kept: number | undefined

  constructor({ nowMs, keysPerSecond = mostKeysPerSecond }: KeyRateOptions) {
    this.#nowMs = nowMs
    this.#most = keysPerSecond
    this.#keysPerSecond = keysPerSecond
    this.#freeAtMs = nowMs()
  }

  get keysPerSecond(): number {
    return this.#keysPerSecond
  }

  /** Takes the time of so many keys. Answers how long to wait before they are sent, in milliseconds. */
  take(keys: number): number {
    const nowMs = this.#nowMs()
    const startMs = Math.max(nowMs, this.#freeAtMs)
    this.#freeAtMs = startMs + (keys / this.#keysPerSecond) * 1000
    return startMs - nowMs
  }

  /** A call has ended, and S3 asked to slow down for this share of its keys, 0 to 1. */
  ended(refusedShare: number): void {
    const { base } = this.#judge
    switch (this.#judge.add(1 - refusedShare, refusedShare, this.#nowMs())) {
      case 'helped-some':
      case 'slow-down':
      case 'stopped':
        this.#kept = this.#keysPerSecond
        return this.#slow(base)
      case 'slower':
      case 'stopped-again':
        return this.#slow(base)
      case 'still-stopped':
        return
      case 'helped':
        this.#kept = undefined
        return
      case 'no-help':
        this.#setTo(this.#kept ?? this.#keysPerSecond)
        this.#kept = undefined
        return
      case undefined:
        if (this.#kept === undefined && refusedShare < 1) this.#setTo(this.#keysPerSecond * growthPerCall)
    }
  }

  /** To what was taken, and a little less. */
  #slow(base: number): void {
    const takenShare = (1 - this.#judge.triedShare) / (1 - base)
    this.#setTo(this.#keysPerSecond * Math.min(1, takenShare) * roomBelowLimit)
  }

  #setTo(keysPerSecond: number): void {
    this.#keysPerSecond = Math.min(this.#most, Math.max(leastKeysPerSecond, keysPerSecond))
  }
}
