import type { Slice } from '../trail/slice.ts'

/** What the scheduler offers a worker while it runs a slice. */
export interface SliceExchange<S = Slice> {
  readonly giveAway: (slice: S) => void
  /** Called when every key of the slice has been listed; objects may still be under way. */
  readonly listed: () => void
}

/** Runs slices. */
export interface SliceWorker<S = Slice> {
  /** How many slices it runs at a time. */
  readonly capacity: number
  /** Resolves when each object of the slice has its outcome; rejects if it could not be read. */
  run(slice: S, exchange: SliceExchange<S>): Promise<void>
  close(): Promise<void>
}

/** How many more slices could start at once if there were any. */
export class Hunger {
  #count = 0

  set(count: number): void {
    this.#count = count
  }

  /** Returns true and takes one free place, until none is left; `set` starts over. */
  take(): boolean {
    if (this.#count === 0) return false
    this.#count--
    return true
  }
}
