/** First in, first out. An array's `shift` takes a microsecond where there are more than a hundred. */
export class Fifo<T> {
  #in: T[] = []
  /** The first one last. */
  #out: T[] = []

  get size(): number {
    return this.#in.length + this.#out.length
  }

  push(item: T): void {
    this.#in.push(item)
  }

  shift(): T | undefined {
    if (this.#out.length === 0) {
      this.#out = this.#in.reverse()
      this.#in = []
    }
    return this.#out.pop()
  }

  /** Takes out those that are meant, in their order. */
  take(isMeant: (item: T) => boolean): T[] {
    const all = [...this.#out.reverse(), ...this.#in]
    this.#out = []
    this.#in = all.filter((item) => !isMeant(item))
    return all.filter((item) => isMeant(item))
  }
}
