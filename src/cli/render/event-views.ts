import { type FoundRecords, linesOf } from '../../verbs/events/found-records.ts'
import { neutralCsvLine } from './csv.ts'
import { escapeUnsafeJson, safeJson } from './escape.ts'
import type { LineWriter } from './line-writer.ts'

/** Shows records as they are found. */
export interface EventView {
  found(found: FoundRecords): void
  /** Called once after all records, unless the search was interrupted. */
  finish?: (() => void) | undefined
}

/** Shows each record's own bytes. On a terminal, unsafe characters are written as `\uXXXX`, which means the same in JSON. */
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

/** Shows a JSON object with the chosen fields of each record. */
export function fieldsJsonView(fields: readonly string[], writer: LineWriter): EventView {
  return {
    found({ values = [] }) {
      for (const row of values) {
        writer.write(safeJson(Object.fromEntries(fields.map((field, at) => [field, row[at] ?? null]))))
      }
    },
  }
}

/** Shows CSV with a line of titles, also if there are no records. */
export function csvView(fields: readonly string[], writer: LineWriter): EventView {
  let isTitled = false
  const title = () => {
    if (!isTitled) writer.write(neutralCsvLine(fields))
    isTitled = true
  }
  return {
    found({ values = [] }) {
      title()
      for (const row of values) writer.write(neutralCsvLine(row))
    },
    finish: title,
  }
}
