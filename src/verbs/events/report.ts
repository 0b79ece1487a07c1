import type { RunReport } from '../../work/run-event.ts'
import type { Window } from '../../trail/window.ts'

/** What became of the records that were read: `matched` is `handedOut` and `duplicates`, and what a limit left out. */
export interface RecordCounts {
  readonly logs: number
  readonly records: number
  readonly matched: number
  readonly duplicates: number
  /** Records that could not be read, in logs that could. Logs that could not are in the tally. */
  readonly unreadable: number
  readonly handedOut: number
}

export interface EventsReport extends RunReport {
  readonly counts: RecordCounts
  /** The times of delivery of the logs that were read. */
  readonly delivered: Window
  /** Whether `limit` ended it: there may be more. */
  readonly limited: boolean
  /** Whether all records were compared with all others. False if there were too many to remember. */
  readonly comparedAll: boolean
}
