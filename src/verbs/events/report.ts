import type { RunReport } from '../../work/run-event.ts'
import type { DatasetReport } from '../../sinks/parquet/dataset-report.ts'
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
