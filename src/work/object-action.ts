import type { LogObject } from '../trail/log-object.ts'
import type { DoneOutcome, Outcome } from './outcome.ts'

/** What a verb does with each object of a slice. */
export interface ObjectAction<B> {
  /**
   * What can be said at once, without a call, or how to act on the object.
   * A CrosstrailError thrown by the act is the object's failure; anything else is a bug and ends the run.
   */
  take(object: LogObject, account: string, bucket: B): Outcome | (() => Promise<DoneOutcome>)
  close(): Promise<void>
}
