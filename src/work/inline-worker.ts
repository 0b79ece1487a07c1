import type { Slice } from '../trail/slice.ts'
import { bucketSource } from './bucket-source.ts'
import { Crew, type HelperSource } from './crew.ts'
import type { KeyFilter } from './key-filter.ts'
import type { ObjectAction } from './object-action.ts'
import type { Listing } from './plan.ts'
import type { WorkerFrame } from './run.ts'
import type { SliceWorker } from './slice-worker.ts'
import type { Source, SourceSlice } from './source.ts'
import { takeSlice } from './take-slice.ts'

export interface SourceWorkerOptions<B, S extends SourceSlice> extends WorkerFrame<B> {
  readonly source: Source<S>
  readonly action: ObjectAction<B, unknown, S>
  /** Slices at a time. */
  readonly listings: number
  /** Objects under way at a time, in this thread. */
  readonly maxTasks: number
  /** Threads that may be started in addition to this one. Only for actions without `twins`. */
  readonly helpers?: HelperSource | undefined
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

export interface InlineWorkerOptions<B extends Listing> extends Omit<SourceWorkerOptions<B, Slice>, 'source'> {
  readonly filter: KeyFilter
  readonly nowMs: () => number
}

/** Lists slices of a bucket in this thread, and acts on their objects here and in helper threads. */
export function inlineWorker<B extends Listing>(options: InlineWorkerOptions<B>): SliceWorker {
  return sourceWorker({ ...options, source: bucketSource(options) })
}

/** Reads slices of a source in this thread, and acts on their objects here and in helper threads. */
export function sourceWorker<B, S extends SourceSlice>(options: SourceWorkerOptions<B, S>): SliceWorker<S> {
  const { source, action, listings, hunger, listener, signal, onLimit, whenWritable } = options
  const crew = new Crew<B>(options)
  const isHungry = () => hunger.take()
  return {
    capacity: listings,
    run: (slice, { giveAway, listed }) =>
      takeSlice(slice, { source, action, crew, listener, signal, isHungry, giveAway, listed, whenWritable, onLimit }),
    close: () => crew.close(),
  }
}
