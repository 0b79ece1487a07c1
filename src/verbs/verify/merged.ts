interface Delivered {
  readonly deliveredAtMs: number
}

class Head<T> {
  readonly #pages: AsyncIterator<readonly T[]>
  #page: readonly T[] = []
  #at = 0

  constructor(pages: AsyncIterable<readonly T[]>) {
    this.#pages = pages[Symbol.asyncIterator]()
  }

  /** Undefined if the page has no more, or after the last page. */
  get item(): T | undefined {
    return this.#page[this.#at]
  }

  take(): void {
    this.#at++
  }

  /** Fetches the next page that is not empty. Returns false after the last one. */
  async next(): Promise<boolean> {
    do {
      const next = await this.#pages.next()
      if (next.done === true) return false
      this.#page = next.value
      this.#at = 0
    } while (this.#page.length === 0)
    return true
  }

  async close(): Promise<void> {
    await this.#pages.return?.()
  }
}

/** Merges several lists, each in the order of delivery, into pages in that order. Only one page of each is in memory. */
export async function* merged<T extends Delivered>(
  lists: readonly AsyncIterable<readonly T[]>[],
): AsyncGenerator<readonly T[]> {
  const heads = lists.map((pages) => new Head(pages))
  try {
    const begun = await Promise.all(heads.map((head) => head.next()))
    let open = heads.filter((_, at) => begun[at])
    let page: T[] = []
    while (open.length > 0) {
      const [first, ...others] = open
      const earliest = others.reduce((least, head) => (timeOf(head) < timeOf(least) ? head : least), first as Head<T>)
      page.push(earliest.item as T)
      earliest.take()
      if (earliest.item !== undefined) continue
      yield page
      page = []
      if (!(await earliest.next())) open = open.filter((head) => head !== earliest)
    }
  } finally {
    await Promise.all(heads.map((head) => head.close()))
  }
}

function timeOf(head: Head<Delivered>): number {
  return head.item?.deliveredAtMs ?? Infinity
}
