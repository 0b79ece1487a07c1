import { maskedText } from '../secrets/masked-text.ts'

/** The form of S3's ETags, version IDs and storage classes. */
const usual = /^(?:[\da-f]{32}(?:-\d{1,5})?|[\w.-]{32}|[A-Z_]{1,24}|null)?$/

/** Masks an ETag, a version ID or a storage class: journals, plans and results keep it, and a server could repeat a secret there. */
export function serverMark(text: string): string {
  return usual.test(text) ? text : maskedText(text)
}
