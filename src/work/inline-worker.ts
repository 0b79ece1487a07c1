import { Crew, type HelperSource } from './crew.ts'
import type { KeyFilter } from './key-filter.ts'
import type { ObjectAction } from './object-action.ts'
import { LongListings } from './long-listings.ts'
import type { Listing } from './plan.ts'
import type { RunListener } from './run-event.ts'
import { runSlice } from './slice-runner.ts'
import type { Hunger, SliceWorker } from './slice-worker.ts'

export interface InlineWorkerOptions<B extends Listing> {
  readonly bucketOf: (account: string) => B
  readonly action: ObjectAction<B>
  readonly filter: KeyFilter
  readonly hunger: Hunger
  /** Listings at a time. */
  readonly listings: number
  /** Objects under way at a time, in this thread. */
  readonly maxTasks: number
  /** Threads that may be started beside this one. Only for actions without `twins`. */
  readonly helpers?: HelperSource | undefined
  readonly listener: RunListener
  readonly signal: AbortSignal
  readonly actSignal: AbortSignal
  readonly onFatal: (error: unknown) => void
  readonly onLimit: () => void
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
  readonly nowMs: () => number
}

/** Lists slices in this thread, and acts on their objects here and in the threads that help. */
export function inlineWorker<B extends Listing>(options: InlineWorkerOptions<B>): SliceWorker {
  const { bucketOf, listings, hunger, action, filter, listener, signal, onLimit, whenWritable, nowMs } = options
  const crew = new Crew<B>(options)
  const longListings = new LongListings()
  return {
    capacity: listings,
    // Written out, as slices are: each page is taken by it.
    run: (slice, { giveAway, listed }) =>
      runSlice(slice, {
        bucket: bucketOf(slice.account),
        twins: action.twins,
        filter,
        crew,
        longListings,
        listener,
        signal,
        isHungry: () => hunger.take(),
        giveAway,
        listed,
        whenWritable,
        onLimit,
        nowMs,
      }),
    close: () => crew.close(),
  }
}
