import { eastAsianWidth } from 'get-east-asian-width'

/** Nearly every text matches this, and then its width is its length. */
const narrow = /^[\x20-\x7e]*$/
const firstCombiningMark = 0x300
const emojiSelector = '\ufe0f'

/** How many columns of a terminal an escaped text takes: East Asian wide characters take two, combining marks none. */
export function displayWidth(text: string): number {
  if (narrow.test(text)) return text.length
  let columns = 0
  for (const character of text) columns += characterWidth(character)
  return columns
}

/** The length of the longest start of `text` that fits into `columns`. It never ends inside a surrogate pair, or before a combining mark. */
export function fittingLength(text: string, columns: number): number {
  let left = columns
  let length = 0
  for (const character of text) {
    left -= characterWidth(character)
    if (left < 0) return length
    length += character.length
  }
  return length
}

/** The text, cut to `columns` if it is wider. A cut text ends with an ellipsis. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  return columns < 1 ? '' : `${text.slice(0, fittingLength(text, columns - 1))}…`
}

/** The text with spaces after it (or before it, if `align` is `right`) up to `columns`. */
export function padToWidth(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, columns - displayWidth(text)))
  return align === 'right' ? spaces + text : text + spaces
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < firstCombiningMark) return 1
  // Some terminals draw a narrow character wide if this selector follows. Counting too much never wraps a line.
  if (character === emojiSelector) return 1
  return /[\p{Mn}\p{Me}]/u.test(character) ? 0 : eastAsianWidth(code)
}
