import { displayWidth, fittingLength, padToWidth } from './display-width.ts'
import { escapeText } from './escape.ts'
import { wrapped } from './wrapped.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/**
 * Rows as a table with a title line. Columns are as wide as their widest cell. Cells are escaped.
 *
 * If the table is wider than `width`, the width of the terminal, its last column is wrapped. If there is too little room for that, each row
 * becomes a block with a line per column. Nothing is left out. Without `width` it stays a table.
 */
export function textTable(columns: readonly Column[], rows: Iterable<readonly string[]>, width?: number): string[] {
  return [...tableLines(columns, rows, width)]
}

/** The same line by line, for tables that are too long for memory. Reads the rows twice: for the widths, and for the lines. */
export function* tableLines(
  columns: readonly Column[],
  rows: Iterable<readonly string[]>,
  width?: number,
): Generator<string> {
  const titles = columns.map(({ title }) => title)
  const widths = titles.map(displayWidth)
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, displayWidth(escapeText(cell)))
  }
  const before = widths.slice(0, -1).reduce((sum, columnWidth) => sum + columnWidth + gap.length, 0)
  const room = width === undefined ? Number.POSITIVE_INFINITY : width - before
  const fits = (widths.at(-1) ?? 0) <= room
  if (!fits && (room < narrowestWrapped || columns.at(-1)?.align === 'right')) {
    return yield* stackedLines(titles, rows, width ?? 0)
  }
  yield tableLine(columns, widths, titles)
  for (const row of rows) {
    const cells = row.map(escapeText)
    const [first = '', ...others] = wrapped(cells.at(-1) ?? '', room, fittingLength)
    yield tableLine(columns, widths, [...cells.slice(0, -1), first])
    for (const piece of others) yield `${' '.repeat(before)}${piece}`
  }
}

/** One line of a table whose column widths are known; a longer cell pushes the others to the right. Cells are not escaped. */
export function tableLine(columns: readonly Column[], widths: readonly number[], cells: readonly string[]): string {
  return columns
    .map(({ align }, at) => padToWidth(cells[at] ?? '', widths[at] ?? 0, align))
    .join(gap)
    .trimEnd()
}

const gap = '  '
/** A narrower last column is hard to read. */
const narrowestWrapped = 20

/** A block per row with a line per column, and a blank line between blocks. */
function* stackedLines(titles: readonly string[], rows: Iterable<readonly string[]>, width: number): Generator<string> {
  const before = Math.max(...titles.map(displayWidth)) + gap.length
  let isFirst = true
  for (const row of rows) {
    if (!isFirst) yield ''
    isFirst = false
    for (const [at, title] of titles.entries()) {
      const [first = '', ...others] = wrapped(escapeText(row[at] ?? ''), Math.max(1, width - before), fittingLength)
      yield `${padToWidth(title, before)}${first}`
      for (const piece of others) yield `${' '.repeat(before)}${piece}`
    }
  }
}
