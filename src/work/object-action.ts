import type { LogObject } from '../trail/log-object.ts'
import type { Slice } from '../trail/slice.ts'
import type { Outcome } from './outcome.ts'
import type { Twins } from './twins.ts'

/** What a verb does with each object of a slice. `T` is what it needs to know of the object from another place. */
export interface ObjectAction<B, T = unknown, S = Slice> {
  /** Opens the view of the other place, once per slice. */
  readonly twins?: ((slice: S) => Twins<T>) | undefined
  /** False if the action holds no bodies. Then only the number of objects under way is limited, not their bytes. */
  readonly holdsBodies?: boolean | undefined
  /**
   * Returns the outcome if no call is needed, or else a function that acts on the object. A CrosstrailError that the function throws is the
   * object's failure; anything else is a bug and ends the run.
   */
  take(object: LogObject, account: string, bucket: B, twin: T | undefined): Outcome | (() => Promise<Outcome>)
  /** Called when a slice has no more objects: what waits to be acted on in a batch is acted on now. */
  readonly allGiven?: ((account: string) => void) | undefined
  close(): Promise<void>
}
