import { maskedForeignText } from '../secrets/masked-text.ts'

/**
 * Returns text from a server or a program so that it can be shown: secrets masked, control and direction characters removed, at most 400
 * characters. STS repeats the wrong value, which may be an external ID, in its validation errors.
 */
export function cleanText(text: string): string {
  const plain = maskedForeignText(text).replaceAll(unprintable, ' ').replaceAll(/ {2,}/g, ' ').trim()
  return plain.length > longestShown ? `${plain.slice(0, longestShown - 1)}…` : plain
}

const longestShown = 400
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
