/** Counts the answered and refused calls of all threads of a run. */
export class CallTally {
  readonly shared: SharedArrayBuffer
  readonly #counts: Uint32Array
  newAnswered = 0
  newRefused = 0
  #answeredSeen: number
  #refusedSeen: number

  /** `shared`: the memory of another thread's tally. */
  constructor(shared = new SharedArrayBuffer(8)) {
    this.shared = shared
    this.#counts = new Uint32Array(shared)
    this.#answeredSeen = this.#answered
    this.#refusedSeen = this.#refused
  }

  add(isRefused: boolean): void {
    Atomics.add(this.#counts, isRefused ? 1 : 0, 1)
  }

  /** Moves what was counted since the last time, in any thread, into `newAnswered` and `newRefused`. */
  takeNew(): void {
    const [answered, refused] = [this.#answered, this.#refused]
    // The counters wrap around to 0 after 2^32.
    this.newAnswered = (answered - this.#answeredSeen) >>> 0
    this.newRefused = (refused - this.#refusedSeen) >>> 0
    this.#answeredSeen = answered
    this.#refusedSeen = refused
  }

  get #answered(): number {
    return Atomics.load(this.#counts, 0)
  }

  get #refused(): number {
    return Atomics.load(this.#counts, 1)
  }
}
