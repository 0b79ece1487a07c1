import { secondMs } from '../../trail/calendar.ts'
import type { Delay, Percentiles } from './figures.ts'

/** Percentiles of delays, within a hundredth, in memory that does not grow. */
class DelayCounts {
  /** Each step is a hundredth longer than the one before. */
  readonly #counts = new Map<number, number>()
  #all = 0
  #max = 0

  add(seconds: number): void {
    const step = Math.round(Math.log(1 + seconds) / stepLog)
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1)
    this.#all++
    this.#max = Math.max(this.#max, seconds)
  }

  get all(): number {
    return this.#all
  }

  percentiles(): Percentiles {
    const sorted = [...this.#counts].toSorted(([a], [b]) => a - b)
    const at = (share: number): number => {
      let seen = 0
      for (const [step, count] of sorted) {
        seen += count
        if (seen >= share * this.#all) return Math.min(this.#max, Math.round(Math.exp(step * stepLog) - 1))
      }
      return this.#max
    }
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: this.#max }
  }
}

const stepLog = Math.log(1.01)

/** Counts how long logs took from their events to their delivery. */
export class Delays {
  readonly #newest = new DelayCounts()
  readonly #oldest = new DelayCounts()

  /** A log that a digest lists. `deliveredAtMs` is in whole minutes, so its newest event may be a little later. */
  add(deliveredAtMs: number, newestEventMs: number | undefined, oldestEventMs: number | undefined): void {
    if (newestEventMs === undefined || oldestEventMs === undefined) return
    this.#newest.add(Math.max(0, (deliveredAtMs - newestEventMs) / secondMs))
    this.#oldest.add(Math.max(0, (deliveredAtMs - oldestEventMs) / secondMs))
  }

  /** Undefined if no digest said the times of events. */
  figures(): Delay | undefined {
    if (this.#newest.all === 0) return undefined
    return { logs: this.#newest.all, newest: this.#newest.percentiles(), oldest: this.#oldest.percentiles() }
  }
}
