import { randomBytes } from 'node:crypto'
import { computeChecksum } from './checksums.ts'
import { bytesEtag, partsEtag } from './etag.ts'
import type { PutOptions } from './stored-object.ts'

/** A part that was uploaded or copied. */
export interface UploadedPart {
  readonly body: Buffer
  readonly etag: string
  readonly checksums: Readonly<Record<string, string>>
}

/** A multipart upload that is neither completed nor aborted. */
export interface MultipartUpload {
  readonly uploadId: string
  readonly key: string
  readonly startedAtMs: number
  /** The options of the final object. */
  readonly options: PutOptions
  /** For example `crc32`, if the upload was created with one. */
  readonly checksumAlgorithm: string | undefined
  readonly checksumType: 'FULL_OBJECT' | 'COMPOSITE'
  readonly parts: Map<number, UploadedPart>
}

export function newUploadId(): string {
  return randomBytes(48).toString('base64url')
}

/** Returns the MD5 of a part, or under a KMS key a value that is not one. */
export function partEtag(upload: MultipartUpload, body: Buffer): string {
  if (upload.options.kmsKeyArn !== undefined) return randomBytes(16).toString('hex')
  return bytesEtag(body)
}

/**
 * Joins the parts, with the ETag `md5ofmd5s-N`, and a checksum if the lab can compute the upload's algorithm. A full-object checksum in
 * another algorithm is kept as given.
 */
export function joinParts(
  upload: MultipartUpload,
  parts: readonly UploadedPart[],
  givenChecksum: string | undefined,
): { body: Buffer; options: PutOptions } {
  const body = Buffer.concat(parts.map((part) => part.body))
  const { checksumType } = upload
  const checksums = joinedChecksum(upload, parts, body, givenChecksum)
  return { body, options: { ...upload.options, etag: joinedEtag(upload, parts), checksums, checksumType } }
}

function joinedEtag(upload: MultipartUpload, parts: readonly UploadedPart[]): string {
  if (upload.options.kmsKeyArn !== undefined) return `${randomBytes(16).toString('hex')}-${parts.length}`
  return partsEtag(parts.map(({ etag }) => etag))
}

function joinedChecksum(
  { checksumAlgorithm, checksumType }: MultipartUpload,
  parts: readonly UploadedPart[],
  body: Buffer,
  given: string | undefined,
): Record<string, string> {
  if (checksumAlgorithm === undefined) return {}
  if (checksumType === 'FULL_OBJECT') {
    const checksum = computeChecksum(checksumAlgorithm, body) ?? given
    return checksum === undefined ? {} : { [checksumAlgorithm]: checksum }
  }
  const ofParts = parts.map((part) => Buffer.from(part.checksums[checksumAlgorithm] ?? '', 'base64'))
  const checksum = computeChecksum(checksumAlgorithm, Buffer.concat(ofParts))
  return checksum === undefined ? {} : { [checksumAlgorithm]: `${checksum}-${parts.length}` }
}
