import { maskedForeignText } from '../secrets/masked-text.ts'

/** Returns text from a server or program for display: secrets masked (STS repeats wrong values), no control characters, at most 400 characters. */
export function cleanText(text: string): string {
  const plain = maskedForeignText(text).replaceAll(unprintable, ' ').replaceAll(/ {2,}/g, ' ').trim()
  return plain.length > longestShown ? `${plain.slice(0, longestShown - 1)}…` : plain
}

const longestShown = 400
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
