import { isUtf8 } from 'node:buffer'
import {
  type ColumnType,
  type EventColumn,
  eventColumns,
  logColumns,
  otherColumn,
} from '../../records/event-columns.ts'
import { eachField } from '../../records/object-fields.ts'

const columns: readonly EventColumn[] = eventColumns
const types: readonly ColumnType[] = columns.map(({ type }) => type)
const columnOf = new Map(
  columns.flatMap(({ name, aliases = [] }, at) =>
    name === otherColumn ? [] : [name, ...aliases].map((field) => [field, at] as const),
  ),
)
const otherAt = columns.findIndex(({ name }) => name === otherColumn)
const firstOnly = new Set(logColumns.map((name) => columnOf.get(name)))

/**
 * Separates the cells of a line. JSON text has no such character. A text with one is written as `hexMark` and its bytes in hexadecimal.
 */
const separator = 0x1f
const nullMark = 0x01
const hexMark = 0x02
const marks = /[\u0000-\u0002\u001f]/

/**
 * Turns rows into lines with a cell for each column. `cellsSelect` turns them into columns. Values stay as they were written. A field goes to `other` if it
 * has no column, or if its value does not fit the column. If several fields have the same name, the last one counts, as in JSON.parse.
 */
export class RowEncoder {
  /** Rows with a value that does not fit its column. */
  misfits = 0
  /** Rows with text that is not valid Unicode. Engines cannot read such characters, so they became U+FFFD. */
  repaired = 0
  readonly #starts = new Int32Array(columns.length)
  readonly #ends = new Int32Array(columns.length)
  #others: string[] = []

  /** The maximum number of bytes in the line of a row. */
  static maxLineBytes(row: Buffer): number {
    return row.length * 2 + 512
  }

  /** Writes the line of a row into a buffer, and returns where it ends. */
  encode(row: Buffer, timeMs: number, into: Buffer, at: number): number {
    const { bytes, text } = this.#valid(row)
    this.#starts.fill(-1)
    this.#others = []
    let isMisfit = false
    eachField(text, (name, nameStart, start, end) => {
      const column = columnOf.get(name)
      const isTaken = column !== undefined && firstOnly.has(column) && this.#starts[column] !== -1
      if (column !== undefined && !isTaken && this.#place(column, text, start, end)) return
      this.#others.push(text.slice(nameStart, end))
      isMisfit ||= column !== undefined && !isTaken
    })
    let end = at
    for (let column = 0; column < columns.length; column++) {
      if (column > 0) into[end++] = separator
      if (types[column] === 'time') {
        const { cell, fits } = this.#time(column, text, timeMs)
        isMisfit ||= !fits
        end = cell === undefined ? writeNull(into, end) : end + into.write(cell, end, 'latin1')
      } else if (column === otherAt) {
        end =
          this.#others.length === 0
            ? writeNull(into, end)
            : end + into.write(`{${this.#others.join(',')}}`, end, 'latin1')
      } else end = this.#writeCell(column, bytes, text, into, end)
    }
    if (isMisfit) this.misfits++
    return end
  }

  #valid(row: Buffer): { readonly bytes: Buffer; readonly text: string } {
    const utf8 = isUtf8(row) ? row : Buffer.from(row.toString('utf8'))
    const text = utf8.toString('latin1')
    const whole = surrogate.test(text) ? text.replaceAll(escapes, wholePair) : text
    if (utf8 !== row || whole !== text) this.repaired++
    return whole === text ? { bytes: utf8, text } : { bytes: Buffer.from(whole, 'latin1'), text: whole }
  }

  /** Notes where the value of a column is, without the quotes of a text. Returns false if the value does not fit. */
  #place(column: number, text: string, start: number, end: number): boolean {
    const first = text[start]
    const inner = first === '"' ? 1 : 0
    switch (first === 'n' ? 'null' : types[column]) {
      case 'null':
        this.#starts[column] = -1
        return true
      case 'json':
        return this.#span(column, start, end)
      case 'boolean': {
        const value = text.slice(start + inner, end - inner)
        return (value === 'true' || value === 'false') && this.#span(column, start + inner, end - inner)
      }
      case 'time':
        return first === '"' && this.#span(column, start, end)
      default:
        return first !== '{' && first !== '[' && this.#span(column, start + inner, end - inner)
    }
  }

  #span(column: number, start: number, end: number): true {
    this.#starts[column] = start
    this.#ends[column] = end
    return true
  }

  #writeCell(column: number, bytes: Buffer, text: string, into: Buffer, at: number): number {
    const start = this.#starts[column] ?? -1
    const end = this.#ends[column] ?? -1
    if (start === -1) return writeNull(into, at)
    if (types[column] === 'text') {
      const slash = text.indexOf('\\', start)
      if (slash !== -1 && slash < end)
        return writeText(JSON.parse(`"${bytes.toString('utf8', start, end)}"`) as string, into, at)
    }
    return copyBytes(bytes, start, end, into, at)
  }

  /** Returns the given time of the row, with the fraction of its own `eventTime`. An `eventTime` with another time does not fit. */
  #time(column: number, text: string, timeMs: number): { readonly cell: string | undefined; readonly fits: boolean } {
    const start = this.#starts[column] ?? -1
    const own = start === -1 ? undefined : text.slice(start, this.#ends[column])
    const fits = own === undefined || Date.parse(own.slice(1, -1)) === timeMs
    if (own !== undefined && !fits) this.#others.push(`"${columns[column]?.name}":${own}`)
    const [, fine] = (fits && own !== undefined && finePattern.exec(own)) || []
    return { cell: fine ?? timeCell(timeMs), fits }
  }
}

const finePattern = /^"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)Z"$/
const surrogate = /\\u[dD][89a-fA-F]/
const escapes = /\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u[0-9a-fA-F]{4}|.)/g

/** Replaces half of a surrogate pair, and keeps other escapes. */
function wholePair(escape: string): string {
  return escape.length === 6 && surrogate.test(escape) ? String.raw`\ufffd` : escape
}

const firstMs = Date.parse('0001-01-01T00:00:00Z')
const endMs = Date.UTC(10_000, 0)

/** Whether the year of a time has four digits. */
export function isDatable(timeMs: number): boolean {
  return timeMs >= firstMs && timeMs < endMs
}

function timeCell(timeMs: number): string | undefined {
  return isDatable(timeMs) ? new Date(timeMs).toISOString().slice(0, -1) : undefined
}

const shortBytes = 40

/** Most cells are short. For these, a loop is faster than a call of `Buffer.copy`. */
function copyBytes(bytes: Buffer, start: number, end: number, into: Buffer, at: number): number {
  if (end - start > shortBytes) return at + bytes.copy(into, at, start, end)
  let to = at
  for (let from = start; from < end; from++) into[to++] = bytes[from] ?? 0
  return to
}

function writeNull(into: Buffer, at: number): number {
  into[at] = nullMark
  return at + 1
}

function writeText(text: string, into: Buffer, at: number): number {
  if (!marks.test(text)) return at + into.write(text, at, 'utf8')
  into[at] = hexMark
  return at + 1 + into.write(Buffer.from(text).toString('hex'), at + 1, 'latin1')
}

/** SQL: the columns of the lines in the column `line` of a relation. */
export function cellsSelect(from: string): string {
  const values = columns.map(({ name, type }, at) => {
    const cell = `cells[${at + 1}]`
    const value = {
      text: `CASE WHEN ${cell} >= chr(3) OR ${cell} = '' THEN ${cell} WHEN ${cell} > chr(1) THEN decode(unhex(substr(${cell}, 2))) END`,
      json: `nullif(${cell}, chr(1))`,
      boolean: `try_cast(${cell} AS BOOLEAN)`,
      time: `try_cast(${cell} AS TIMESTAMP)`,
    }[type]
    return `${value} AS "${name}"`
  })
  return `SELECT ${values.join(', ')} FROM (SELECT string_split(decode(line), chr(31)) AS cells FROM ${from})`
}
