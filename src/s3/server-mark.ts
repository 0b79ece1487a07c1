import { maskedText } from '../secrets/masked-text.ts'

/** As S3 writes ETags, the IDs of versions and storage classes. */
const usual = /^(?:[\da-f]{32}(?:-\d{1,5})?|[\w.-]{32}|[A-Z_]{1,24}|null)?$/

/**
 * What a server marks an object with: an ETag, the ID of a version, a storage class. Journals, plans and results keep it, so that a secret
 * which the server repeats there is masked.
 */
export function serverMark(text: string): string {
  return usual.test(text) ? text : maskedText(text)
}
