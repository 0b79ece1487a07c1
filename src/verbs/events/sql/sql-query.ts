/** A value of a result that JSON can hold exactly. */
export type SqlValue = null | boolean | number | string | readonly SqlValue[] | { readonly [name: string]: SqlValue }

export interface SqlColumn {
  readonly name: string
  /** As DuckDB writes it: `BIGINT`, `VARCHAR`, `STRUCT(a INTEGER)`. */
  readonly type: string
}

export interface SqlOptions {
  readonly sql: string
  /** The private folder for spilled data is made in it, and removed at the end. */
  readonly stateFolder: string
  /** Memory for the query. Default: 512 MiB. */
  readonly memoryBytes?: number | undefined
  /** Disk space for what does not fit in memory. Default: 10 GiB. */
  readonly spillBytes?: number | undefined
  readonly signal: AbortSignal
}

/**
 * One SELECT over the view `events`. It was checked when this was opened, before any log is read.
 * Rejects with `usage.sql`, `usage.sql-too-large`, `interrupted`, `disk.…`.
 */
export interface SqlQuery {
  readonly columns: readonly SqlColumn[]
  /** As `Dataset.add`. Only of a query that was opened for rows. */
  add(row: Buffer, timeMs: number): Promise<void> | undefined
  /** Runs it. `onRow` gets each row of the result; if it returns a promise, the next row waits for it. */
  run(onRow: (row: readonly SqlValue[]) => Promise<void> | undefined): Promise<void>
  /** Runs it into one Parquet file, which appears whole or not at all. Returns the number of its rows. */
  writeParquet(file: string): Promise<number>
  /** Removes the private folder. May be called at any time. */
  close(): Promise<void>
}

/** Opens a query over rows that are added. Rejects with `usage.no-duckdb`, `usage.sql`. */
export declare function openRowQuery(options: SqlOptions): Promise<SqlQuery>

/** Opens a query over a dataset that `openDataset` wrote. Rejects with `usage.no-duckdb`, `usage.sql`, `object.not-a-dataset`. */
export declare function openDatasetQuery(options: SqlOptions & { readonly folder: string }): Promise<SqlQuery>
