import type { LogObject } from '../trail/log-object.ts'
import type { Slice } from '../trail/slice.ts'
import type { FoundPlace, PlanRequest } from './plan.ts'

/** The part of a source that is read in one go. Plain data; each source adds its own fields. */
export interface SourceSlice extends FoundPlace {
  /** The label of the account whose session reads it. */
  readonly account: string
  /** The prefix of all its keys, if they share one. */
  readonly prefix?: string | undefined
}

/** Some log objects of one slice, in the order in which they must be taken. */
export interface LogPage {
  readonly objects: readonly LogObject[]
  /** What the source also knows of each of them. Without it, the action's own `twins` are asked. */
  readonly twins?: readonly unknown[] | undefined
}

/** What a source gets to read a slice with. */
export interface Reading<S> {
  /** Takes a page. Resolves when the next one may be given, with whether objects of this one had to wait for room. */
  readonly take: (page: LogPage) => Promise<boolean>
  /** Returns true if there is room for another slice. Each `true` takes a place. */
  readonly isHungry: () => boolean
  /** Hands a part of the slice back, to be read in parallel. */
  readonly giveAway: (slice: S) => void
}

/** Where log objects come from. */
export interface Source<S extends SourceSlice = Slice> {
  /** Returns the slices of one account. */
  readonly plan: (request: PlanRequest) => Promise<S[]>
  /**
   * Gives the log objects of a slice, page by page. Resolves when all were given, or the run takes no more. Rejects if the slice cannot be
   * read. It calls `take`, so that no page is kept once its objects were taken.
   */
  readonly read: (slice: S, reading: Reading<S>) => Promise<void>
}
