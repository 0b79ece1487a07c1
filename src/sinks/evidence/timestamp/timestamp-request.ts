import { randomBytes } from 'node:crypto'
import { der, tags } from './der.ts'
import { objectIds } from './object-ids.ts'

export interface TimestampRequest {
  readonly sha256: Buffer
  /** The content of a positive DER integer. */
  readonly nonce: Buffer
  /** TimeStampReq of RFC 3161. */
  readonly bytes: Buffer
}

/** Makes a request for the timestamp of a SHA-256. It asks for the certificate too, so that the answer can be checked offline. */
export function timestampRequest(sha256: Buffer): TimestampRequest {
  const nonce = randomBytes(8)
  // Positive, and without a leading zero byte.
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40
  const algorithm = der(tags.sequence, der(tags.objectId, objectIds.sha256), der(tags.null))
  const bytes = der(
    tags.sequence,
    der(tags.integer, Buffer.from([1])),
    der(tags.sequence, algorithm, der(tags.octetString, sha256)),
    der(tags.integer, nonce),
    der(tags.boolean, Buffer.from([0xff])),
  )
  return { sha256, nonce, bytes }
}
