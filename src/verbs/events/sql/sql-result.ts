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
  /** As DuckDB writes it: `BIGINT`, `VARCHAR`, `STRUCT(a INTEGER)`. */
  readonly type: string
}

/** The result of one SELECT. Each call runs it, and rejects with `usage.sql`, `usage.sql-too-large`, `interrupted`, `disk.…`. */
export interface SqlResult {
  readonly columns: readonly SqlColumn[]
  /** Calls `onRow` for each row. If it returns a promise, the next row waits for it. */
  run(onRow: (row: readonly SqlValue[]) => Promise<void> | undefined): Promise<void>
  /** Writes one Parquet file, which appears complete or not at all and replaces a file of that name. Returns the number of its rows. */
  writeParquet(file: string): Promise<number>
}
