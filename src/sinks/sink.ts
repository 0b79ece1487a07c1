import type { ObjectAction } from '../work/object-action.ts'
import type { ObjectReader } from '../verbs/download/download.ts'

/**
 * Where pulled objects go. An outcome that is done, or skipped as present, says that the object has arrived; any other leaves it
 * uncovered, to be taken again.
 */
export interface PullSink<T = unknown> extends ObjectAction<ObjectReader, T> {
  /**
   * Resolves when all that had arrived at the call survives a power cut. Returns what is to be written with the coverage, and is handed
   * to the sink of the next pull; undefined for nothing.
   */
  flush(): Promise<unknown>
  /** Nothing more will come. Returns whether there is something to flush all the same. */
  finish?: (() => boolean) | undefined
  /** The coverage that goes with the last flush is written. */
  committed?: (() => void) | undefined
  /** After the last flush. */
  close(): Promise<void>
}
