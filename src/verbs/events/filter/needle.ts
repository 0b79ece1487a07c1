/** Bytes to search for in a record that is not parsed. */
export type Needle = Buffer

/**
 * Returns bytes that each JSON string with this text contains, if the string has no `\u` and no `\/`. If the text is the whole string
 * (`isWhole`), the quotes around it are included. Undefined if the text has too few characters that JSON never escapes.
 */
export function needleOf({ text, isWhole }: { readonly text: string; readonly isWhole: boolean }): Needle | undefined {
  // JSON escapes quotes, backslashes and control characters. Bytes that are not UTF-8 are decoded as U+FFFD.
  const parts = text.split(/["\\\p{Cc}\ufffd\p{Cs}]/u)
  if (parts.length === 1) return isWhole ? Buffer.from(`"${text}"`) : sure(text)
  return sure(parts.reduce((best, part) => (part.length > best.length ? part : best), ''))
}

/** A needle of one character would be found in nearly every record. */
function sure(text: string): Needle | undefined {
  return text.length < 2 ? undefined : Buffer.from(text)
}
