/** Makes a text safe for a terminal: escapes control characters and those that change the writing direction. */
export function showText(text: string): string {
  return text.replace(unsafe, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const unsafe = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** Formats a value for a message: text in quotes and shortened, `a list` or `a mapping` for the others. `source` is the value as written. */
export function showValue(value: unknown, source?: string): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'string') return showText(shorten(JSON.stringify(value)))
  return showText(shorten(source ?? JSON.stringify(value)))
}

const shownLength = 120

function shorten(text: string): string {
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}…`
}
