const windowMs = 60_000

interface Sample {
  readonly atMs: number
  readonly count: number
}

/** How fast a count grew in the last minute. */
export class RecentRate {
  #samples: readonly Sample[] = []

  /** `nowMs` is of a monotonic clock. */
  add(count: number, nowMs: number): void {
    const first = this.#samples.findLastIndex(({ atMs }) => atMs <= nowMs - windowMs)
    this.#samples = [...this.#samples.slice(Math.max(0, first)), { atMs: nowMs, count }]
  }

  /** Per second; undefined before the second sample. */
  perSecond(): number | undefined {
    const [first] = this.#samples
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined
    // A slice that is handed back begins again, so a count may fall.
    return (Math.max(0, last.count - first.count) * 1000) / (last.atMs - first.atMs)
  }
}
