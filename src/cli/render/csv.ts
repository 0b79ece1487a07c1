import { escapeText } from './escape.ts'

/** One line of CSV (RFC 4180), without its line end. Control characters are escaped. Undefined is an empty field. */
export function csvLine(values: readonly (string | number | boolean | undefined)[]): string {
  return values.map((value) => csvField(value === undefined ? '' : String(value))).join(',')
}

function csvField(text: string): string {
  const shown = escapeText(text)
  return /[",]|^\s|\s$/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown
}
