import { CrosstrailError } from '../error.ts'

export interface EmptyPagesLimit {
  readonly mostPages: number
  readonly mostMs: number
}

/** S3 returns empty pages if it skips many delete markers, and a trail may have millions of them. */
const usualLimit: EmptyPagesLimit = { mostPages: 10_000, mostMs: 30 * 60_000 }

/** Counts consecutive pages that are empty but not the last. A server might send them forever. */
export class EmptyPages {
  readonly #prefix: string
  readonly #limit: EmptyPagesLimit
  readonly #nowMs: () => number
  readonly #startedMs: number
  #pages = 0

  /** `nowMs`: a monotonic clock. */
  constructor(prefix: string, limit = usualLimit, nowMs: () => number = () => performance.now()) {
    this.#prefix = prefix
    this.#limit = limit
    this.#nowMs = nowMs
    this.#startedMs = nowMs()
  }

  /** Throws `bucket.endless-listing`. */
  count(): void {
    this.#pages++
    const { mostPages, mostMs } = this.#limit
    const spentMs = this.#nowMs() - this.#startedMs
    if (this.#pages < mostPages && spentMs < mostMs) return
    const message = `the listing of '${this.#prefix}' does not end: ${this.#pages} pages in a row, in ${Math.round(spentMs / 1000)} seconds, were empty but not the last`
    throw new CrosstrailError('bucket.endless-listing', message, {
      hint: 'S3 sends empty pages if it skips millions of delete markers: add a lifecycle rule that removes expired ones. If there are none, the endpoint is not compatible with S3',
      facts: { prefix: this.#prefix, pages: this.#pages },
    })
  }
}
