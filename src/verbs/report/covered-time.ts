interface Span {
  startMs: number
  endMs: number
}

/** The union of spans of time. Spans come mostly in the order of time, and mostly touch the one before. */
export class CoveredTime {
  /** Sorted; none touches another. */
  readonly #spans: Span[] = []

  add(startMs: number, endMs: number): void {
    if (endMs <= startMs) return
    const from = this.#firstEndingAfter(startMs - 1)
    let to = from
    const joined = { startMs, endMs }
    for (let span = this.#spans[to]; span !== undefined && span.startMs <= endMs; span = this.#spans[++to]) {
      joined.startMs = Math.min(joined.startMs, span.startMs)
      joined.endMs = Math.max(joined.endMs, span.endMs)
    }
    this.#spans.splice(from, to - from, joined)
  }

  covers(startMs: number, endMs: number): boolean {
    const span = this.#spans[this.#firstEndingAfter(startMs)]
    return endMs <= startMs || (span !== undefined && span.startMs <= startMs && span.endMs >= endMs)
  }

  get endMs(): number | undefined {
    return this.#spans.at(-1)?.endMs
  }

  #firstEndingAfter(instantMs: number): number {
    let [low, high] = [0, this.#spans.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#spans[middle]?.endMs ?? 0) > instantMs) high = middle
      else low = middle + 1
    }
    return low
  }
}
