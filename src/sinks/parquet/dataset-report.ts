/** What was written to a dataset. */
export interface DatasetReport {
  readonly files: number
  readonly bytes: number
  /** How many rows were written. */
  readonly rows: number
  /** Rows that were not written, because their partition already had their event. */
  readonly known: number
  /** Rows with a value that does not fit its column. The value is in the column `other`. */
  readonly misfits: number
  /** Rows with text that is not valid Unicode, which was repaired. */
  readonly repaired: number
}
