import { escapeText } from './escape.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/**
 * Rows as a table with a title line, columns as wide as their widest cell. Cells are escaped.
 *
 * `width` is a terminal's: the last column is cut to it with `…`. Without it nothing is cut.
 */
export function textTable(columns: readonly Column[], rows: Iterable<readonly string[]>, width?: number): string[] {
  return [...tableLines(columns, rows, width)]
}

/** The same line by line, for tables too long to hold. Reads the rows twice: for the widths, and for the lines. */
export function* tableLines(
  columns: readonly Column[],
  rows: Iterable<readonly string[]>,
  width?: number,
): Generator<string> {
  const titles = columns.map(({ title }) => title)
  const widths = titles.map(({ length }) => length)
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, escapeText(cell).length)
  }
  yield cut(tableLine(columns, widths, titles), width)
  for (const row of rows) yield cut(tableLine(columns, widths, row.map(escapeText)), width)
}

/** One line of a table whose column widths are known; a longer cell pushes the others to the right. Cells are not escaped. */
export function tableLine(columns: readonly Column[], widths: readonly number[], cells: readonly string[]): string {
  return columns
    .map(({ align }, at) => {
      const cell = cells[at] ?? ''
      return align === 'right' ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)
    })
    .join('  ')
    .trimEnd()
}

function cut(line: string, width: number | undefined): string {
  return width === undefined || line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`
}
