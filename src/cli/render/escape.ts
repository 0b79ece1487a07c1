import { isPlainJson } from '../../work/json-text.ts'

/*
 * Characters that could mislead a terminal or a reader: C0 and C1 controls, DEL, marks that change the direction of
 * writing, invisible characters, line separators, and unpaired surrogates.
 */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}|[\u{e0000}-\u{e007f}]/gu

/** Nearly every text matches this, and the test is ten times cheaper. */
const plain = /^[\x20-\x7e]*$/

/** Makes a text of unknown origin safe for one line: every unsafe character becomes `\xNN` or `\u{…}`. */
export function escapeText(text: string): string {
  if (plain.test(text)) return text
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/** The same for a text with several lines, such as a stack. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeText).join('\n')
}

/** JSON on one line. Every unsafe character becomes `\uXXXX`, which any JSON reader decodes. */
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

/** A text as `safeJson` writes it between the quotes. */
export function safeJsonText(text: string): string {
  return isPlainJson(text) ? text : safeJson(text).slice(1, -1)
}
