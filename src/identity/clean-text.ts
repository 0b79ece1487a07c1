import { maskedForeignText } from '../secrets/masked-text.ts'

/**
 * Text from a server or a program as it may be shown: secrets masked, control and direction characters stripped, 400 characters at
 * most. STS repeats the wrong value in its validation errors, an external ID among them.
 */
export function cleanText(text: string): string {
  const plain = maskedForeignText(text).replaceAll(unprintable, ' ').replaceAll(/ {2,}/g, ' ').trim()
  return plain.length > longestShown ? `${plain.slice(0, longestShown - 1)}…` : plain
}

const longestShown = 400
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
