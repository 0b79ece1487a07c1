/** Counts what has begun and not ended. */
export class UnderWay {
  #count = 0
  #resolve: (() => void) | undefined

  begin(): void {
    this.#count++
  }

  end(): void {
    if (--this.#count === 0) this.#resolve?.()
  }

  /** Await it once nothing more begins. */
  ended(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => (this.#resolve = resolve))
  }
}
