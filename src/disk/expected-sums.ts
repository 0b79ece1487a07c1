import type { ChecksumAlgorithm } from './checksum.ts'
import { looksLikeMd5, md5Available } from './md5.ts'

/** The headers of the answer to a GET, with names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** What the listing says of an object. */
export interface Listed {
  readonly sizeBytes?: number | undefined
  /** Without quotes. */
  readonly etag?: string | undefined
}

export interface ExpectedSum {
  readonly algorithm: ChecksumAlgorithm
  readonly value: string
  readonly encoding: 'hex' | 'base64'
  readonly from: 'listing' | 'answer'
}

/** Returns the sums that a body must have and that this Node can compute. The MD5 comes first. */
export function expectedSums(headers: AnswerHeaders, listedEtag: string | undefined): ExpectedSum[] {
  const found: ExpectedSum[] = []
  const md5 = md5Available() ? expectedMd5(headers, listedEtag) : undefined
  if (md5 !== undefined) found.push(md5)
  if (headerOf(headers, 'x-amz-checksum-type')?.toUpperCase() === 'COMPOSITE') return found
  for (const [algorithm, name] of checksumHeaders) {
    const value = headerOf(headers, name)
    // `…-N` is a checksum of N parts' checksums, which the body alone cannot give.
    if (value !== undefined && !/-\d+$/.test(value))
      found.push({ algorithm, value, encoding: 'base64', from: 'answer' })
  }
  return found
}

/**
 * The MD5 that a body must have. The listing decides, because an answer that carries another body may carry another ETag or none.
 *
 * | the answer names a KMS key or a customer's key | the listed ETag | the answer's ETag | the MD5 |
 * | --- | --- | --- | --- |
 * | yes | | | not known |
 * | no | an MD5 | | the listed ETag |
 * | no | none, or no MD5 | an MD5 | the answer's ETag |
 * | no | none, or no MD5 | none, weak, or no MD5 | not known |
 */
export function expectedMd5(headers: AnswerHeaders, listedEtag: string | undefined): ExpectedSum | undefined {
  if (hasOtherEtag(headers)) return undefined
  if (listedEtag !== undefined && looksLikeMd5(listedEtag)) return md5Sum(listedEtag, 'listing')
  const etag = headerOf(headers, 'etag')?.replaceAll('"', '')
  return etag !== undefined && looksLikeMd5(etag) ? md5Sum(etag, 'answer') : undefined
}

export function announcedLength(headers: AnswerHeaders): number | undefined {
  const text = headerOf(headers, 'content-length')
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

const checksumHeaders = [
  ['crc32', 'x-amz-checksum-crc32'],
  ['crc32c', 'x-amz-checksum-crc32c'],
  ['crc64nvme', 'x-amz-checksum-crc64nvme'],
  ['sha1', 'x-amz-checksum-sha1'],
  ['sha256', 'x-amz-checksum-sha256'],
] as const

function md5Sum(etag: string, from: ExpectedSum['from']): ExpectedSum {
  return { algorithm: 'md5', value: etag.toLowerCase(), encoding: 'hex', from }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html: under SSE-KMS, DSSE-KMS and SSE-C the ETag is no MD5. */
function hasOtherEtag(headers: AnswerHeaders): boolean {
  const encryption = headerOf(headers, 'x-amz-server-side-encryption')
  return (
    (encryption !== undefined && encryption !== 'AES256') ||
    headerOf(headers, 'x-amz-server-side-encryption-customer-algorithm') !== undefined
  )
}

function headerOf(headers: AnswerHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value.trim() : value?.[0]?.trim()
}
