import type { Slice } from '../trail/slice.ts'

/** What a worker needs of the scheduler while it runs a slice. */
export interface SliceExchange {
  readonly giveAway: (slice: Slice) => void
  /** Every key of the slice has been seen; objects may still be under way. */
  readonly listed: () => void
}

/** A place where slices run: this thread, another one, or another machine. */
export interface SliceWorker {
  /** How many slices it runs at a time. */
  readonly capacity: number
  /** Resolves when each object of the slice has its outcome; rejects where the listing failed. */
  run(slice: Slice, exchange: SliceExchange): Promise<void>
  close(): Promise<void>
}

/** How many slices could start at once and are not there. Readable from every thread. */
export class Hunger {
  readonly shared: SharedArrayBuffer
  readonly #count: Int32Array

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.shared = shared
    this.#count = new Int32Array(shared)
  }

  set(count: number): void {
    Atomics.store(this.#count, 0, count)
  }

  /** True for as many callers as there are free places: each `true` takes one, until the next `set`. */
  take(): boolean {
    return Atomics.load(this.#count, 0) > 0 && Atomics.sub(this.#count, 0, 1) > 0
  }
}
