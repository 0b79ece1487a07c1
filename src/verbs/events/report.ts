import type { RunReport } from '../../work/run-event.ts'
import type { Window } from '../../trail/window.ts'

/** What was read and found. `matched` is `handedOut` + `duplicates` + what the limit left out. */
export interface RecordCounts {
  readonly logs: number
  readonly records: number
  readonly matched: number
  readonly duplicates: number
  /** Records that could not be read, in logs that could be read. Logs that could not be read are in the tally. */
  readonly unreadable: number
  readonly handedOut: number
}

export interface EventsReport extends RunReport {
  readonly counts: RecordCounts
  /** The window of delivery times whose logs were read. */
  readonly delivered: Window
  /** Whether `limit` ended the search, so that there may be more records. */
  readonly limited: boolean
  /** Whether each record was compared with all others. False if there were too many to remember. */
  readonly comparedAll: boolean
}
