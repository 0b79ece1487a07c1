export interface LimitsOptions {
  readonly maxObjects?: number | undefined
  readonly maxBytes?: number | undefined
}

/** What a run may take at most, in objects and bytes. One count for all threads. */
export class Limits {
  readonly shared: SharedArrayBuffer
  readonly #left: BigInt64Array

  constructor(options: LimitsOptions | SharedArrayBuffer) {
    this.shared = options instanceof SharedArrayBuffer ? options : new SharedArrayBuffer(16)
    this.#left = new BigInt64Array(this.shared)
    if (options instanceof SharedArrayBuffer) return
    this.#left[0] = BigInt(options.maxObjects ?? Number.MAX_SAFE_INTEGER)
    this.#left[1] = BigInt(options.maxBytes ?? Number.MAX_SAFE_INTEGER)
  }

  /** Takes an object off what is left; false, and nothing taken, where it would be one too many. */
  take(bytes: number): boolean {
    if (Atomics.sub(this.#left, 0, 1n) < 1n) {
      Atomics.add(this.#left, 0, 1n)
      return false
    }
    if (Atomics.sub(this.#left, 1, BigInt(bytes)) < BigInt(bytes)) {
      Atomics.add(this.#left, 1, BigInt(bytes))
      Atomics.add(this.#left, 0, 1n)
      return false
    }
    return true
  }
}
