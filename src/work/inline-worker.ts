import { Admission } from './admission.ts'
import type { KeyFilter } from './key-filter.ts'
import type { ObjectAction } from './object-action.ts'
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
  /** Objects under way at a time. */
  readonly maxTasks: number
  readonly listener: RunListener
  readonly signal: AbortSignal
  readonly actSignal: AbortSignal
  readonly onFatal: (error: unknown) => void
  readonly onLimit: () => void
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
  readonly nowMs: () => number
}

/** Bodies held in memory at a time, all together. */
const maxBytesUnderWay = 64 * 1024 * 1024

/** As many as keep this thread busy at any latency: a page that is held takes a megabyte. */
const longListingsAtATime = 8

/** Runs slices in this thread. */
export function inlineWorker<B extends Listing>(options: InlineWorkerOptions<B>): SliceWorker {
  const { bucketOf, listings, maxTasks, hunger, action, filter, listener, signal, actSignal } = options
  const { onFatal, onLimit, whenWritable, nowMs } = options
  const admission = new Admission({ maxTasks, maxBytes: maxBytesUnderWay })
  const longListings = new Admission({ maxTasks: longListingsAtATime, maxBytes: Infinity })
  return {
    capacity: listings,
    // Written out, as slices are: each page is taken by it.
    run: (slice, { giveAway, listed }) =>
      runSlice(slice, {
        bucket: bucketOf(slice.account),
        action,
        filter,
        admission,
        longListings,
        listener,
        signal,
        actSignal,
        isHungry: () => hunger.take(),
        giveAway,
        listed,
        whenWritable,
        onFatal,
        onLimit,
        nowMs,
      }),
    close: () => action.close(),
  }
}
