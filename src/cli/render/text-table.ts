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
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[], width?: number): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(escapeText))]
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  return cells.map((row) => cut(tableLine(columns, widths, row), width))
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
