/** Limits the tasks under way by number and by bytes, so that memory does not grow with the objects. One object is always admitted, however large. */
export class Admission {
  readonly #maxTasks: number
  readonly #maxBytes: number
  readonly #waiting: (() => void)[] = []
  /** This much room must be free before a waiting caller is woken. It then fills all of it, because waiting for each place costs 3 µs. */
  readonly #worthTasks: number
  #tasks = 0
  #bytes = 0

  constructor({ maxTasks, maxBytes }: { readonly maxTasks: number; readonly maxBytes: number }) {
    this.#maxTasks = maxTasks
    this.#worthTasks = Math.max(1, Math.floor(maxTasks / 16))
    this.#maxBytes = maxBytes
  }

  /** True if not even an empty object would be admitted. */
  get isFull(): boolean {
    return this.#tasks > 0 && (this.#tasks >= this.#maxTasks || this.#bytes > this.#maxBytes)
  }

  /** Returns true if there was room; otherwise await `room` and try again. */
  enter(bytes: number): boolean {
    if (this.#tasks > 0 && (this.#tasks >= this.#maxTasks || this.#bytes + bytes > this.#maxBytes)) return false
    this.#tasks++
    this.#bytes += bytes
    return true
  }

  room(): Promise<void> {
    return new Promise((resume) => this.#waiting.push(resume))
  }

  /** If enough room is free, one waiting caller may try again and fill it. If nothing is under way, all may. */
  leave(bytes: number): void {
    this.#tasks--
    this.#bytes -= bytes
    if (this.#tasks === 0) this.wake(Infinity)
    else if (this.#maxTasks - this.#tasks >= this.#worthTasks) this.wake(1)
  }

  /** Lets this many callers, those that have waited longest, try again. */
  wake(count: number): void {
    if (this.#waiting.length === 0) return
    for (const resume of this.#waiting.splice(0, count)) resume()
  }
}
