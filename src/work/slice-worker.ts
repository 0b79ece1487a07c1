import type { Slice } from '../trail/slice.ts'

/** What a worker needs of the scheduler while it runs a slice. */
export interface SliceExchange<S = Slice> {
  readonly giveAway: (slice: S) => void
  /** Every key of the slice has been seen; objects may still be under way. */
  readonly listed: () => void
}

/** Where slices run. */
export interface SliceWorker<S = Slice> {
  /** How many slices it runs at a time. */
  readonly capacity: number
  /** Resolves when each object of the slice has its outcome; rejects if it could not be read. */
  run(slice: S, exchange: SliceExchange<S>): Promise<void>
  close(): Promise<void>
}

/** How many slices could start at once and are not there. */
export class Hunger {
  #count = 0

  set(count: number): void {
    this.#count = count
  }

  /** True for as many callers as there are free places: each `true` takes one, until the next `set`. */
  take(): boolean {
    if (this.#count === 0) return false
    this.#count--
    return true
  }
}
