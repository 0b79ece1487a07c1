import type { LogObject } from '../trail/log-object.ts'
import type { Slice } from '../trail/slice.ts'
import type { FoundPlace, PlanRequest } from './plan.ts'

/** What is read of a source in one go: plain data. A source adds what it reads by. */
export interface SourceSlice extends FoundPlace {
  /** The label of the account whose session reads it. */
  readonly account: string
  /** The prefix of all its keys, if they lie in one place of the bucket. */
  readonly prefix?: string | undefined
}

/** Some log objects of one slice, in the order in which they are to be taken. */
export interface LogPage {
  readonly objects: readonly LogObject[]
  /** What the source knows of each of them besides. Without it, the action's own `twins` are asked. */
  readonly twins?: readonly unknown[] | undefined
}

/** What a source is given to read a slice with. */
export interface Reading<S> {
  /** Takes a page. Resolves when the next one may be given: to whether objects of this one had to wait for room. */
  readonly take: (page: LogPage) => Promise<boolean>
  /** True while there is room for another slice. Each `true` takes it. */
  readonly isHungry: () => boolean
  /** Hands a part of the slice back, to be read beside it. */
  readonly giveAway: (slice: S) => void
}

/** Where log objects come from. */
export interface Source<S extends SourceSlice = Slice> {
  /** The slices of one account. */
  readonly plan: (request: PlanRequest) => Promise<S[]>
  /**
   * Gives the log objects of a slice, page after page. Resolves when all were given, or the run takes no more. Rejects if the slice cannot
   * be read. Calls `take` back, so that no page outlives its taking.
   */
  readonly read: (slice: S, reading: Reading<S>) => Promise<void>
}
