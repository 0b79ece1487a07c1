import { checkedBody } from './checksums.ts'
import { emptyReply, type Reply } from './reply.ts'
import { headerOf } from './request.ts'
import { demand, type S3Call } from './s3-call.ts'
import { checksumHeaders, writtenHeaders } from './s3-headers.ts'
import { demandPut } from './s3-put-options.ts'
import { etagMatches, preconditionFailed } from './s3-read.ts'
import { ServiceError } from './error-answer.ts'

export function putObject(call: S3Call): Reply {
  const { request, bucket, key } = call
  const options = demandPut(call)
  checkKey(key)
  checkPutConditions(call)
  const { body, checksums } = checkedBody(request)
  checkPutSize(call, body.length)
  const stored = bucket.put(key, body, { ...options, checksums })
  return emptyReply(200, { etag: `"${stored.etag}"`, ...writtenHeaders(bucket, stored), ...checksumHeaders(checksums) })
}

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) <= 1_024) return
  throw new ServiceError(400, 'KeyTooLongError', 'Your key is too long', { MaxSizeAllowed: '1024' })
}

/** Checks `If-None-Match` and `If-Match` against the object under the key. @throws {ServiceError} 412, 404 */
export function checkPutConditions(call: S3Call): void {
  const { request, bucket, key } = call
  const present = bucket.get(key)
  const ifNoneMatch = headerOf(request, 'if-none-match')
  if (ifNoneMatch !== undefined && present !== undefined && etagMatches(ifNoneMatch, present.etag)) {
    throw preconditionFailed('If-None-Match')
  }
  const ifMatch = headerOf(request, 'if-match')
  if (ifMatch === undefined) return
  demand(call, 's3:GetObject')
  if (present === undefined) throw new ServiceError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key })
  if (!etagMatches(ifMatch, present.etag)) throw preconditionFailed('If-Match')
}

export function checkPutSize({ world }: S3Call, sizeBytes: number): void {
  const { maxPutBytes } = world.sizes
  if (sizeBytes <= maxPutBytes) return
  throw new ServiceError(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
    ProposedSize: String(sizeBytes),
    MaxSizeAllowed: String(maxPutBytes),
  })
}
