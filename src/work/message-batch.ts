const itemsPerMessage = 64

/** Sends objects and outcomes between threads in batches, because one message each would cost more than the object. */
export class MessageBatch<T> {
  readonly #send: (items: readonly T[]) => void
  #items: T[] = []
  #flushing: NodeJS.Immediate | undefined

  constructor(send: (items: readonly T[]) => void) {
    this.#send = send
  }

  add(item: T): void {
    this.#items.push(item)
    if (this.#items.length >= itemsPerMessage) this.flush()
    else this.#flushing ??= setImmediate(() => this.flush())
  }

  flush(): void {
    clearImmediate(this.#flushing)
    this.#flushing = undefined
    if (this.#items.length > 0) this.#send(this.#items)
    this.#items = []
  }
}
