import { escapeText } from './escape.ts'

export type CsvValue = string | number | boolean | null | undefined

/** One line of CSV (RFC 4180), without its line end. Control characters are escaped. Null and undefined are empty fields. */
export function csvLine(values: readonly CsvValue[]): string {
  return values.map((value) => csvField(String(value ?? ''))).join(',')
}

/** The same for values that a stranger may have chosen: a text that a spreadsheet would run as a formula begins with an apostrophe. */
export function neutralCsvLine(values: readonly CsvValue[]): string {
  return csvLine(values.map((value) => (typeof value === 'string' && formula.test(value) ? `'${value}` : value)))
}

/** OWASP, "CSV injection": a cell is a formula if it starts with one of these characters. Spreadsheets drop white space before them. */
const formula = /^\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

function csvField(text: string): string {
  const shown = escapeText(text)
  return /[",]|^\s|\s$/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown
}
