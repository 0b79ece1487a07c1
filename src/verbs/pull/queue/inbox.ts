/** Hands items to readers in the order in which they came. */
export class Inbox<T> {
  #items: T[] = []
  #isEnded = false
  #isDropped = false
  readonly #readers: ((item: T | undefined) => void)[] = []

  push(item: T): void {
    if (this.#isDropped) return
    const reader = this.#readers.shift()
    if (reader === undefined) this.#items.push(item)
    else reader(item)
  }

  /** Returns undefined once the inbox has ended and all items were handed out. */
  next(): Promise<T | undefined> {
    const item = this.#items.shift()
    if (item !== undefined || this.#isEnded) return Promise.resolve(item)
    return new Promise((resolve) => this.#readers.push(resolve))
  }

  /** Nothing more comes. Items that wait are still handed out. */
  end(): void {
    this.#isEnded = true
    for (const reader of this.#readers.splice(0)) reader(undefined)
  }

  /** Nothing more is handed out, not even what is pushed later. Returns the items that waited. */
  drop(): T[] {
    this.#isDropped = true
    this.end()
    const items = this.#items
    this.#items = []
    return items
  }
}
