import { CrosstrailError } from '../error.ts'
import type { ObjectHead } from '../s3/object-head.ts'
import { header, type HttpHeaders } from '../s3/http.ts'
import type { ListedObject } from '../trail/log-object.ts'
import { etagIsMd5 } from './bucket/copy-twin.ts'

/** What a listing says of an object to be read. */
export type ListedBody = Pick<ListedObject, 'key' | 'sizeBytes' | 'etag'>

/**
 * Refuses an answer by its headers, before the body arrives. Throws `object.changed` if its ETag is that of another version than the one
 * listed, `object.truncated` and `object.too-long` if it announces another length. An ETag that is missing, weak or not in S3's form proves
 * no change: some stores and proxies give other ETags with a body than in a listing. The body itself is then compared with the listing.
 */
export function refuseOtherBody(object: ListedBody, headers: HttpHeaders): void {
  const etag = header(headers, 'etag')?.replaceAll('"', '')
  if (etag !== undefined && isS3Etag(etag) && isS3Etag(object.etag) && !isEqual(etag, object.etag)) {
    throw changed(object, { listedEtag: object.etag, etag })
  }
  const announced = Number(header(headers, 'content-length') ?? object.sizeBytes)
  if (announced < object.sizeBytes) throw truncated(object, announced)
  if (announced > object.sizeBytes) throw tooLong(object, announced)
}

/**
 * Throws `object.changed` if a HEAD describes another object than the one listed. An ETag that is not in S3's form passes only if the
 * listed one is an MD5, which the body can be compared with.
 */
export function refuseChanged(
  object: ListedBody,
  { etag, sizeBytes, encryption }: Pick<ObjectHead, 'etag' | 'sizeBytes' | 'encryption'>,
): void {
  const facts = { listedEtag: object.etag, etag, listedSizeBytes: object.sizeBytes, sizeBytes }
  if (sizeBytes !== object.sizeBytes) throw changed(object, facts)
  if (object.etag === '' || isEqual(etag, object.etag)) return
  if (isS3Etag(etag) || !etagIsMd5({ etag: object.etag, encryption })) throw changed(object, facts)
}

export function tooLong(object: ListedBody, length: number): CrosstrailError {
  return new CrosstrailError('object.too-long', `the body of ${object.key} is longer than ${object.sizeBytes} bytes`, {
    facts: { expected: object.sizeBytes, got: length },
  })
}

/** The form of S3's own ETags: an MD5, or that of a multipart upload. */
function isS3Etag(etag: string): boolean {
  return /^[0-9a-f]{32}(-\d+)?$/i.test(etag)
}

/** Hexadecimal digits may be upper case. */
function isEqual(etag: string, other: string): boolean {
  return etag === other || (isS3Etag(etag) && etag.toLowerCase() === other.toLowerCase())
}

function changed({ key }: ListedBody, facts: Readonly<Record<string, string | number>>): CrosstrailError {
  return new CrosstrailError('object.changed', `${key} was replaced after it was listed`, {
    hint: 'run again; CloudTrail never replaces a log, so find out who did',
    facts,
  })
}

function truncated(object: ListedBody, length: number): CrosstrailError {
  const message = `the body of ${object.key} is shorter than ${object.sizeBytes} bytes`
  return new CrosstrailError('object.truncated', message, { facts: { expected: object.sizeBytes, got: length } })
}
