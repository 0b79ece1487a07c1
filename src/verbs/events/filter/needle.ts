/** Bytes to look for in a record that was not parsed. */
export type Needle = Buffer

/**
 * The bytes that a string of JSON holds if it holds this text and has no `\u` and no `\/`. `isWhole`: the text is the whole string, so
 * quotes are around it. Undefined if too little is left to look for: some characters are never written as themselves.
 */
export function needleOf({ text, isWhole }: { readonly text: string; readonly isWhole: boolean }): Needle | undefined {
  // Quotes, backslashes and control characters are escaped. U+FFFD and lone surrogates are what bytes that are not UTF-8 become.
  const parts = text.split(/["\\\p{Cc}\ufffd\p{Cs}]/u)
  if (parts.length === 1) return isWhole ? Buffer.from(`"${text}"`) : sure(text)
  return sure(parts.reduce((best, part) => (part.length > best.length ? part : best), ''))
}

/** A needle of one byte is found everywhere. */
function sure(text: string): Needle | undefined {
  return text.length < 2 ? undefined : Buffer.from(text)
}
