/**
 * Bounds what is under way by number and by bytes, so that memory does not grow with the objects. One object is always let
 * in, however large.
 */
export class Admission {
  readonly #maxTasks: number
  readonly #maxBytes: number
  readonly #waiting: (() => void)[] = []
  #tasks = 0
  #bytes = 0

  constructor({ maxTasks, maxBytes }: { readonly maxTasks: number; readonly maxBytes: number }) {
    this.#maxTasks = maxTasks
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

  /** One of those that wait may try again, and takes what room there is; where nothing is under way any more, all of them may. */
  leave(bytes: number): void {
    this.#tasks--
    this.#bytes -= bytes
    this.wake(this.#tasks === 0 ? Infinity : 1)
  }

  /** Lets as many as are given, of those that wait the longest, try again. */
  wake(count: number): void {
    if (this.#waiting.length === 0) return
    for (const resume of this.#waiting.splice(0, count)) resume()
  }
}
