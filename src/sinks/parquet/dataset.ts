/** What became of the rows of a dataset. */
export interface DatasetReport {
  readonly files: number
  readonly bytes: number
  /** Rows that the files hold. */
  readonly rows: number
  /** Rows that were left out, since their partition held their event already. */
  readonly known: number
  /** Rows with a value that does not fit its column, and is in `other` instead. */
  readonly misfits: number
}

/**
 * Writes rows as Parquet files below a folder: `account=…/region=…/date=…/part-….parquet`. A file appears under its name whole or not at all.
 * Each call rejects with `disk.…`, or `usage.no-duckdb`.
 */
export interface Dataset {
  /**
   * Takes a row: a record's JSON object on one line, in UTF-8, that begins with the fields of `rowHead`. `timeMs`: when its event happened;
   * NaN if nobody knows. Its bytes are copied. If it returns a promise, wait for it before the next row.
   */
  add(row: Buffer, timeMs: number): Promise<void> | undefined
  /** Publishes all rows. */
  close(): Promise<DatasetReport>
  /** Drops the rows that are not published. */
  abort(): Promise<void>
}

export interface DatasetOptions {
  /** Made if it is missing. */
  readonly root: string
}

export declare function openDataset(options: DatasetOptions): Promise<Dataset>
