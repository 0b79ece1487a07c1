import type { OutputFormat } from '../options/output.ts'
import { csvLine } from './csv.ts'
import { safeJson } from './escape.ts'
import type { Cell } from './result-rows.ts'
import { type Column, textTable } from './text-table.ts'

/** The fields and columns of results that are all known before the first is written. */
export interface RecordTable<T> {
  /** The fields of JSON and CSV, in order. Stable, because users' programs read them. */
  readonly fields: Readonly<Record<string, (row: T) => Cell>>
  /** Cells are escaped when they are written. An undefined cell becomes a dash. */
  readonly columns: readonly (Column & { readonly cell: (row: T) => string | undefined })[]
}

export function recordLines<T>(
  { fields, columns }: RecordTable<T>,
  rows: readonly T[],
  format: OutputFormat,
  width?: number,
): string[] {
  const entries = Object.entries(fields)
  switch (format) {
    case 'json':
      return rows.map((row) => safeJson(Object.fromEntries(entries.map(([name, value]) => [name, value(row)]))))
    case 'csv':
      return [Object.keys(fields), ...rows.map((row) => entries.map(([, value]) => value(row)))].map(csvLine)
    case 'table': {
      const cells = rows.map((row) => columns.map(({ cell }) => cell(row) ?? '-'))
      return textTable(columns, cells, width)
    }
  }
}
