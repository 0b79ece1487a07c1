import { isPlainJson } from '../../work/json-text.ts'

/*
 * What a terminal or a reader could take for something else: C0 and C1 controls, DEL, the marks that turn the direction of
 * writing, invisible ones, line separators, and halves of surrogate pairs.
 */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}|[\u{e0000}-\u{e007f}]/gu

/** Nearly every text is this, and the test is ten times cheaper. */
const plain = /^[\x20-\x7e]*$/

/** A text of unknown origin as one line may show it: every unsafe character as `\xNN` or `\u{…}`. Other text is left as it is. */
export function escapeText(text: string): string {
  if (plain.test(text)) return text
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/** The same for a text that is meant to have lines, such as a stack. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeText).join('\n')
}

/** JSON on one line, in which every unsafe character is a `\uXXXX` that any JSON reader undoes. */
export function safeJson(value: unknown): string {
  return escapeUnsafeJson(JSON.stringify(value))
}

/** The same for JSON that is text already. */
export function escapeUnsafeJson(json: string): string {
  if (plain.test(json)) return json
  return json.replace(unsafe, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}

/** A text as `safeJson` writes it between its quotes. */
export function safeJsonText(text: string): string {
  return isPlainJson(text) ? text : safeJson(text).slice(1, -1)
}
