/** A text that JSON holds as it is. */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

export function isPlainJson(text: string): boolean {
  return plain.test(text)
}

/** A text as JSON has it: `JSON.stringify`, which is three times slower for what keys, ETags and paths are. */
export function jsonText(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text)
}
