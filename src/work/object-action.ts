import type { LogObject } from '../trail/log-object.ts'
import type { Slice } from '../trail/slice.ts'
import type { Outcome } from './outcome.ts'
import type { Twins } from './twins.ts'

/** What a verb does with each object of a slice. `T` is what it wants to know of the object from another place. */
export interface ObjectAction<B, T = unknown, S = Slice> {
  /** Opens the view of the other place, once per slice. */
  readonly twins?: ((slice: S) => Twins<T>) | undefined
  /** False if it holds no bodies: then only the number of objects under way is bounded, and not their bytes. */
  readonly holdsBodies?: boolean | undefined
  /**
   * What can be said at once, without a call, or how to act on the object.
   * A CrosstrailError thrown by the act is the object's failure; anything else is a bug and ends the run.
   */
  take(object: LogObject, account: string, bucket: B, twin: T | undefined): Outcome | (() => Promise<Outcome>)
  /** No more objects of a slice will come: what waits to be acted on together is acted on now. */
  readonly allGiven?: ((account: string) => void) | undefined
  close(): Promise<void>
}
