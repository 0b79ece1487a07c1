import type { FieldValue } from '../../verbs/events/record-form.ts'
import { type FoundRecords, linesOf } from '../../verbs/events/found-records.ts'
import type { Paint } from './colour.ts'
import { csvLine } from './csv.ts'
import { escapeText, escapeUnsafeJson, safeJson } from './escape.ts'
import type { LineWriter } from './line-writer.ts'

/** Shows records as they are found. */
export interface EventView {
  found(found: FoundRecords): void
  /** Called once all were found. */
  finish?: (() => void) | undefined
}

/** Each record's own bytes. A terminal gets its unsafe characters as `\uXXXX`, which reads the same. */
export function recordView(writer: LineWriter, isTerminal: boolean): EventView {
  return {
    found(found) {
      if (!isTerminal) {
        if (found.lines !== undefined) writer.writeBytes(found.lines)
        return
      }
      for (const line of linesOf(found)) writer.write(escapeUnsafeJson(Buffer.from(line).toString('utf8')))
    },
  }
}

/** An object of the fields for each record. */
export function fieldsJsonView(fields: readonly string[], writer: LineWriter): EventView {
  return {
    found({ values = [] }) {
      for (const row of values) {
        writer.write(safeJson(Object.fromEntries(fields.map((field, at) => [field, row[at] ?? null]))))
      }
    },
  }
}

/** CSV with a line of titles. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvView(fields: readonly string[], writer: LineWriter): EventView {
  let isTitled = false
  const title = () => {
    if (!isTitled) writer.write(csvLine(fields))
    isTitled = true
  }
  return {
    found({ values = [] }) {
      title()
      for (const row of values) writer.write(csvLine(row.map(neutralCell)))
    },
    finish: title,
  }
}

/** OWASP, "CSV injection": these first characters start a formula, or are cut off before one. */
export function neutralCell(value: FieldValue): string | number | boolean | undefined {
  if (value === null) return undefined
  return typeof value === 'string' && /^\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value
}

const titles: Readonly<Record<string, string>> = {
  log_account: 'ACCOUNT',
  log_region: 'REGION',
  eventName: 'EVENT',
  eventSource: 'SOURCE',
  sourceIPAddress: 'ADDRESS',
  errorCode: 'ERROR',
}

/** How wide columns are at most before the table is fitted into the terminal. The first number is what they keep. */
const widths: Readonly<Record<string, readonly [number, number]>> = {
  time: [20, 20],
  log_account: [12, 12],
  log_region: [9, 14],
  user: [10, 28],
  eventName: [12, 28],
  eventSource: [8, 20],
  sourceIPAddress: [9, 15],
  errorCode: [6, 22],
  resource: [10, 60],
}
const otherWidth = [8, 30] as const

/** A table that fits into `width` characters: longer cells are cut. Without `width` nothing is. */
export function tableView(
  fields: readonly string[],
  writer: LineWriter,
  paint: Paint,
  width: number | undefined,
): EventView {
  const columns = fitted(
    fields.map((field) => widths[field] ?? otherWidth),
    width,
  )
  const isLast = (at: number) => at === fields.length - 1
  const cut = (text: string, at: number) => {
    const room = columns[at] ?? 0
    if (width === undefined) return isLast(at) ? text : text.padEnd(room)
    const shown = text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text
    return isLast(at) ? shown : shown.padEnd(room)
  }
  let isTitled = false
  const title = () => {
    if (isTitled) return
    isTitled = true
    const names = fields.map((field) => titles[field] ?? (field in widths ? field.toUpperCase() : field))
    writer.write(paint('bold', names.map(cut).join('  ').trimEnd()))
  }
  const errorAt = fields.indexOf('errorCode')
  return {
    found({ values = [] }) {
      title()
      for (const row of values) {
        const cells = row.map((value, at) => {
          const text = value === undefined || value === null ? '-' : shortened(fields[at] ?? '', String(value))
          const cell = cut(escapeText(text), at)
          return at === errorAt && text !== '-' ? paint('red', cell) : cell
        })
        writer.write(cells.join('  ').trimEnd())
      }
    },
  }
}

/** Shares the terminal's width out: each column keeps its least, and gets of the rest what it lacks from left to right. */
function fitted(wanted: readonly (readonly [number, number])[], width: number | undefined): number[] {
  if (width === undefined) return wanted.map(([, most]) => most)
  const least = wanted.map(([few]) => few)
  let left = width - least.reduce((sum, one) => sum + one, 0) - 2 * (wanted.length - 1)
  return wanted.map(([few, most]) => {
    const more = Math.max(0, Math.min(most - few, left))
    left -= more
    return few + more
  })
}

function shortened(field: string, text: string): string {
  return field === 'eventSource' ? text.replace(/\.amazonaws\.com(\.cn)?$/, '') : text
}
