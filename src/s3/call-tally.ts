/** How many calls were answered and refused, in all threads of a run. */
export class CallTally {
  readonly shared: SharedArrayBuffer
  readonly #counts: Uint32Array
  newAnswered = 0
  newRefused = 0
  #answeredSeen: number
  #refusedSeen: number

  /** `shared`: that of another thread's. */
  constructor(shared = new SharedArrayBuffer(8)) {
    this.shared = shared
    this.#counts = new Uint32Array(shared)
    this.#answeredSeen = this.#answered
    this.#refusedSeen = this.#refused
  }

  add(isRefused: boolean): void {
    Atomics.add(this.#counts, isRefused ? 1 : 0, 1)
  }

  /** Takes what was counted since the last time, here or in another thread, into `newAnswered` and `newRefused`. */
  takeNew(): void {
    const [answered, refused] = [this.#answered, this.#refused]
    // They begin again at 0 after four thousand million.
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
