import type { OutputFormat } from '../options/output.ts'
import { csvLine } from './csv.ts'
import { safeJson } from './escape.ts'
import { type Column, tableLine } from './text-table.ts'

export type Cell = string | number | boolean | undefined

export interface RowShape<T> {
  /** The fields of JSON and of CSV's header, in order. Stable, because users' programs read them. */
  readonly fields: readonly string[]
  record(row: T): Readonly<Record<string, Cell>>
  /** A faster way to write the record as JSON, for millions of rows. Default: from the record. */
  readonly json?: ((row: T) => string) | undefined
  /** Columns of the table with fixed widths, because rows are written as they come. */
  readonly columns: readonly (Column & { readonly width: number })[]
  /** Escaped texts. */
  cells(row: T): readonly string[]
}

/** Writes results as they come, with the titles before the first. `finish` writes the titles of CSV if there were no results. */
export function resultRows<T>(
  format: OutputFormat,
  shape: RowShape<T>,
  write: (line: string) => void,
): { write(row: T): void; finish(): void } {
  let titled = format === 'json'
  const title = () => {
    if (titled) return
    titled = true
    write(format === 'csv' ? csvLine(shape.fields) : tableLine(shape.columns, widths, titles))
  }
  const widths = shape.columns.map(({ width }) => width)
  const titles = shape.columns.map((column) => column.title)
  return {
    write(row) {
      title()
      if (format === 'table') return write(tableLine(shape.columns, widths, shape.cells(row)))
      if (format === 'json') return write(shape.json?.(row) ?? safeJson(shape.record(row)))
      const record = shape.record(row)
      write(csvLine(shape.fields.map((field) => record[field])))
    },
    finish() {
      if (format === 'csv') title()
    },
  }
}
