/** A queue. It replaces an array because `shift` takes a microsecond if the array has more than a hundred items. */
export class Fifo<T> {
  #in: T[] = []
  /** In reverse order: the first item is last. */
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

  /** Removes and returns the items that match, in their order. */
  take(isMeant: (item: T) => boolean): T[] {
    const all = [...this.#out.reverse(), ...this.#in]
    this.#out = []
    this.#in = all.filter((item) => !isMeant(item))
    return all.filter((item) => isMeant(item))
  }
}
