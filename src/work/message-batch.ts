const objectsPerMessage = 64

/** What goes over to another thread, many in a message: a message each would cost more than the object. */
export class MessageBatch<T> {
  readonly #post: (objects: readonly T[]) => void
  #objects: T[] = []
  #flushing: NodeJS.Immediate | undefined

  constructor(post: (objects: readonly T[]) => void) {
    this.#post = post
  }

  add(object: T): void {
    this.#objects.push(object)
    if (this.#objects.length >= objectsPerMessage) this.flush()
    else this.#flushing ??= setImmediate(() => this.flush())
  }

  flush(): void {
    clearImmediate(this.#flushing)
    this.#flushing = undefined
    if (this.#objects.length > 0) this.#post(this.#objects)
    this.#objects = []
  }
}
