/**
 * Bounds what is under way by number and by bytes, so that memory does not grow with the objects. One object is always let
 * in, however large.
 */
export class Admission {
  readonly #maxTasks: number
  readonly #maxBytes: number
  readonly #waiting: (() => void)[] = []
  /** So much room there is to be before one who waits is called: it then takes as many in one go. A wait for each costs 3 µs. */
  readonly #worthTasks: number
  #tasks = 0
  #bytes = 0

  constructor({ maxTasks, maxBytes }: { readonly maxTasks: number; readonly maxBytes: number }) {
    this.#maxTasks = maxTasks
    this.#worthTasks = Math.max(1, Math.floor(maxTasks / 16))
    this.#maxBytes = maxBytes
  }

  /** Whether not even an empty object would be let in. */
  get isFull(): boolean {
    return this.#tasks > 0 && (this.#tasks >= this.#maxTasks || this.#bytes > this.#maxBytes)
  }

  /** True where there was room at once; otherwise wait for `room` and try again. */
  enter(bytes: number): boolean {
    if (this.#tasks > 0 && (this.#tasks >= this.#maxTasks || this.#bytes + bytes > this.#maxBytes)) return false
    this.#tasks++
    this.#bytes += bytes
    return true
  }

  room(): Promise<void> {
    return new Promise((resume) => this.#waiting.push(resume))
  }

  /** Where there is room worth it, one of those that wait may try again, and takes what there is; where nothing is under way any more, all may. */
  leave(bytes: number): void {
    this.#tasks--
    this.#bytes -= bytes
    if (this.#tasks === 0) this.wake(Infinity)
    else if (this.#maxTasks - this.#tasks >= this.#worthTasks) this.wake(1)
  }

  /** Lets as many as are given, of those that wait the longest, try again. */
  wake(count: number): void {
    if (this.#waiting.length === 0) return
    for (const resume of this.#waiting.splice(0, count)) resume()
  }
}
