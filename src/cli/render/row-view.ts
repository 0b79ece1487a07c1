import type { SqlValue } from '../../verbs/events/sql/sql-result.ts'
import { cellOf, jsonLine } from '../../verbs/events/sql/sql-value.ts'
import type { EventFormat } from '../options/events.ts'
import { neutralCsvLine } from './csv.ts'
import { escapeUnsafeJson } from './escape.ts'
import type { LineWriter } from './line-writer.ts'
import { textTable } from './text-table.ts'

/** Shows the rows of a query's result. */
export interface RowView {
  add(row: readonly SqlValue[]): void
  finish(): void
}

/** A longer result is shown as several tables, because the widths of columns are known only after the last row. */
const rowsPerTable = 10_000

export function rowView(
  names: readonly string[],
  format: EventFormat,
  writer: LineWriter,
  width: number | undefined,
): RowView {
  switch (format) {
    case 'json':
      return { add: (row) => writer.write(escapeUnsafeJson(jsonLine(names, row))), finish: () => undefined }
    case 'csv': {
      writer.write(neutralCsvLine(names))
      const cells = (row: readonly SqlValue[]) =>
        row.map((value) => (typeof value === 'number' ? value : cellOf(value)))
      return { add: (row) => writer.write(neutralCsvLine(cells(row))), finish: () => undefined }
    }
    case 'table':
      return rowTable(names, writer, width)
  }
}

function rowTable(names: readonly string[], writer: LineWriter, width: number | undefined): RowView {
  const columns = names.map((title) => ({ title }))
  let rows: string[][] = []
  let tables = 0
  const write = () => {
    for (const line of textTable(columns, rows, width)) writer.write(line)
    rows = []
    tables++
  }
  return {
    add(row) {
      rows.push(row.map(cellOf))
      if (rows.length === rowsPerTable) write()
    },
    finish() {
      if (rows.length > 0 || tables === 0) write()
    },
  }
}
