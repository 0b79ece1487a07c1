import type { RunReport } from '../../work/run-event.ts'
import type { DatasetReport } from '../../sinks/parquet/dataset.ts'
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

export interface QueryReport {
  /** What was searched for the query's rows. Undefined if the query read a Parquet dataset. */
  readonly search: EventsReport | undefined
  /** False if the query did not run, because the search ended early or read no log. */
  readonly answered: boolean
  /** Rows with a value that does not fit its column, and is in the column `other` instead. */
  readonly misfits: number
  /** Rows with text that is not valid Unicode. Each invalid character became U+FFFD. */
  readonly repaired: number
}

export interface ExportReport extends EventsReport {
  /** What was written. Undefined if the search ended early: only some of the events were written. */
  readonly dataset: DatasetReport | undefined
}
