import { CrosstrailError } from '../error.ts'

export interface EmptyPagesLimit {
  readonly mostPages: number
  readonly mostMs: number
}

/** S3 shows an empty page where it passed over many delete markers, and a trail may have millions of them. */
const usualLimit: EmptyPagesLimit = { mostPages: 10_000, mostMs: 30 * 60_000 }

/** Counts the pages in a row that hold nothing and say that more follows: a server may go on with them for ever. */
export class EmptyPages {
  readonly #prefix: string
  readonly #limit: EmptyPagesLimit
  readonly #nowMs: () => number
  readonly #startedMs: number
  #pages = 0

  /** `nowMs`: a clock that only goes forward. */
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
    const message = `the listing of '${this.#prefix}' does not end: ${this.#pages} pages in a row, in ${Math.round(spentMs / 1000)} seconds, held nothing and said that more follows`
    throw new CrosstrailError('bucket.endless-listing', message, {
      hint: 'S3 does so for millions of delete markers: have a lifecycle rule remove expired ones. Else the endpoint is no faithful S3',
      facts: { prefix: this.#prefix, pages: this.#pages },
    })
  }
}
