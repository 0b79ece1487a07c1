/** Limits how many tasks run at a time. Waiting tasks are admitted in the order of their requests. */
export class Slots {
  readonly #waiting: (() => void)[] = []
  #limit: number
  #taken = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get limit(): number {
    return this.#limit
  }

  set limit(limit: number) {
    this.#limit = limit
    this.#admit()
  }

  /** Returns true if there is room; otherwise await `room`. Whoever entered calls `leave`. */
  enter(): boolean {
    if (this.#taken >= this.#limit) return false
    this.#taken++
    return true
  }

  /** Resolves when there is room, and takes it. */
  room(): Promise<void> {
    return new Promise((admit) => {
      this.#waiting.push(admit)
      this.#admit()
    })
  }

  leave(): void {
    this.#taken--
    this.#admit()
  }

  async run<Result>(act: () => Promise<Result>): Promise<Result> {
    await this.room()
    try {
      return await act()
    } finally {
      this.leave()
    }
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.enter()) this.#waiting.shift()?.()
  }
}
