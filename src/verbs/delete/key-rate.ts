import { roomBelowLimit } from '../../s3/call-rate.ts'
import { RefusalJudge } from '../../s3/refusal-judge.ts'

/** S3 takes at least 3,500 writes a second for each prefix, and each key of a DeleteObjects is one write. */
const mostKeysPerSecond = 3_000
const leastKeysPerSecond = 50
const growthPerCall = 1.02

export interface KeyRateOptions {
  readonly nowMs: () => number
  readonly keysPerSecond?: number | undefined
}

/**
 * How fast keys may be sent. The rate falls while that reduces refusals, and rises again in small steps. If it does not reduce them, the
 * rate returns to its old value, because S3 refuses for another reason.
 */
export class KeyRate {
  readonly #nowMs: () => number
  readonly #most: number
  readonly #judge = new RefusalJudge()
  #keysPerSecond: number
  #freeAtMs: number
  /** The rate to return to, until it is known whether slowing down helps. */
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

  /** Reserves the time to send `keys` keys. Returns how many milliseconds to wait before they are sent. */
  take(keys: number): number {
    const nowMs = this.#nowMs()
    const startMs = Math.max(nowMs, this.#freeAtMs)
    this.#freeAtMs = startMs + (keys / this.#keysPerSecond) * 1000
    return startMs - nowMs
  }

  /** Call it after each call, with the share of its keys, 0 to 1, for which S3 asked to slow down. */
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

  /** Slows down to a little less than what S3 took. */
  #slow(base: number): void {
    const takenShare = (1 - this.#judge.triedShare) / (1 - base)
    this.#setTo(this.#keysPerSecond * Math.min(1, takenShare) * roomBelowLimit)
  }

  #setTo(keysPerSecond: number): void {
    this.#keysPerSecond = Math.min(this.#most, Math.max(leastKeysPerSecond, keysPerSecond))
  }
}
