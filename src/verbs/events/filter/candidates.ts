import type { LogSpans } from '../../../records/split-log.ts'
import type { Needle } from './needle.ts'

/** Finds the records that may match by their bytes. A record with `\u` or `\/` is always a candidate, because its bytes may differ from its text. */
export class Candidates {
  /** A candidate has at least one needle of each group. */
  readonly #groups: readonly (readonly Needle[])[]

  constructor(groups: readonly (readonly Needle[])[]) {
    this.#groups = groups
  }

  /** Whether there are no needles, so that each record may match. */
  get areAll(): boolean {
    return this.#groups.length === 0
  }

  /** Returns the indexes of the candidates, sorted. Undefined if all records are candidates. */
  of(bytes: Buffer, { ends, escaped }: LogSpans): number[] | undefined {
    if (this.areAll) return undefined
    const groups = this.#groups.map((needles) => new Hits(bytes, needles))
    const candidates: number[] = []
    let nextEscaped = 0
    let at = 0
    const count = ends.length / 2
    while (at < count) {
      while ((escaped[nextEscaped] ?? Infinity) < at) nextEscaped++
      const start = ends[2 * at] ?? 0
      // No record that ends before this byte has a needle of each group.
      let from = start
      for (const group of groups) from = Math.max(from, group.next(start))
      if (escaped[nextEscaped] === at || from < (ends[2 * at + 1] ?? 0)) {
        candidates.push(at++)
        continue
      }
      const stop = Math.min(escaped[nextEscaped] ?? count, recordAt(ends, from))
      at = Math.max(at + 1, stop)
    }
    return candidates
  }
}

/** Returns the index of the record that contains a byte, or of the first record after it. */
function recordAt(ends: readonly number[], byte: number): number {
  let low = 0
  let high = ends.length / 2
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ends[2 * middle + 1] ?? 0) <= byte) low = middle + 1
    else high = middle
  }
  return low
}

/** Finds the next position of any of several needles. It searches the bytes only once for each needle. */
class Hits {
  readonly #bytes: Buffer
  readonly #needles: readonly Needle[]
  readonly #next: number[]

  constructor(bytes: Buffer, needles: readonly Needle[]) {
    this.#bytes = bytes
    this.#needles = needles
    this.#next = needles.map(() => -1)
  }

  next(from: number): number {
    let nearest = Infinity
    for (const [index, needle] of this.#needles.entries()) {
      let at = this.#next[index] ?? Infinity
      if (at < from) {
        at = this.#bytes.indexOf(needle, from)
        if (at === -1) at = Infinity
        this.#next[index] = at
      }
      if (at < nearest) nearest = at
    }
    return nearest
  }
}
