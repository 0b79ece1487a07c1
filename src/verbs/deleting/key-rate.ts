/** S3 takes 3,500 writes a second for each prefix of a bucket at least, and a key of a DeleteObjects is one. */
const mostKeysPerSecond = 3_000
const leastKeysPerSecond = 50
/** Of what was lost, by each answer. */
const recovered = 0.05

export interface KeyRateOptions {
  readonly nowMs: () => number
  readonly keysPerSecond?: number | undefined
}

/** How fast keys may be sent: a steady rate that halves when S3 asks for less, and comes back by small steps. */
export class KeyRate {
  readonly #nowMs: () => number
  readonly #most: number
  #keysPerSecond: number
  #freeAtMs: number

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

  slowDown(): void {
    this.#keysPerSecond = Math.max(leastKeysPerSecond, this.#keysPerSecond / 2)
  }

  answered(): void {
    this.#keysPerSecond = Math.min(this.#most, this.#keysPerSecond + this.#most * recovered)
  }
}
