/** A value of type JSON. `text` is the JSON as it is in the record. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A value of a result. Numbers that a double cannot hold exactly are strings. */
export type SqlValue =
  | null
  | boolean
  | number
  | string
  | JsonText
  | readonly SqlValue[]
  | { readonly [name: string]: SqlValue }

export interface SqlColumn {
  readonly name: string
  /** DuckDB's name of the type: `BIGINT`, `VARCHAR`, `STRUCT(a INTEGER)`. */
  readonly type: string
}

/** A Parquet file, 0600, in a private folder that is removed with its query. */
export interface ResultFile {
  readonly file: string
  readonly rows: number
}

/** The result of one SELECT. Each call runs it, and rejects with `usage.sql`, `usage.sql-too-large`, `interrupted`, `disk.…`. */
export interface SqlResult {
  readonly columns: readonly SqlColumn[]
  /** Calls `onRow` for each row. If it returns a promise, the next row waits for it. */
  run(onRow: (row: readonly SqlValue[]) => Promise<void> | undefined): Promise<void>
  writeParquet(): Promise<ResultFile>
}
