import type { Reply } from './reply.ts'
import { headerOf, type LabRequest } from './request.ts'
import { demand, denialToKnowOfMissing, may, type S3Call } from './s3-call.ts'
import { demandDecrypt } from './s3-kms.ts'
import { encryptionHeaders } from './s3-headers.ts'
import { ServiceError } from './error-answer.ts'
import { isArchived, isRestored, type StoredObject } from './stored-object.ts'

/** `GetObject` and `HeadObject`: conditions, one range, versions, archived classes, KMS. */
export function getObject(call: S3Call): Reply {
  const { request, world } = call
  const versionId = request.query.get('versionId')
  demand(call, versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion', { 's3:versionid': versionId })
  const object = readable(call, versionId)
  checkConditions(request, object)
  const isHead = request.method === 'HEAD'
  if (!isHead && isArchived(object, world.now())) throw invalidObjectState(object)
  if (!isHead || wantsChecksums(request)) demandDecrypt(call, call.bucket, object)
  const headers = objectHeaders(call, object)
  if (isHead) return { status: 200, headers, body: Buffer.alloc(0), announcedBytes: object.body.length }
  const range = rangeOf(headerOf(request, 'range'), object.body.length)
  if (range === undefined) return { status: 200, headers, body: object.body }
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${range.first}-${range.last}/${object.body.length}` },
    body: object.body.subarray(range.first, range.last + 1),
  }
}

export function invalidObjectState(object: StoredObject): ServiceError {
  const message = "The operation is not valid for the object's storage class"
  return new ServiceError(403, 'InvalidObjectState', message, { StorageClass: object.storageClass })
}

/** Names the failed condition, as S3 does in a 412. */
export function preconditionFailed(condition: string): ServiceError {
  const message = 'At least one of the pre-conditions you specified did not hold'
  return new ServiceError(412, 'PreconditionFailed', message, { Condition: condition })
}

export function etagMatches(condition: string, etag: string): boolean {
  return condition.split(',').some((part) => {
    const wanted = part.trim()
    return wanted === '*' || wanted.replaceAll('"', '') === etag
  })
}

/** Returns the object or version that a call names. @throws {ServiceError} 404, 403 without the right to list, 405 for a delete marker */
export function readable(call: S3Call, versionId: string | undefined): StoredObject {
  const { bucket, key } = call
  if (versionId === undefined) {
    const object = bucket.get(key)
    if (object === undefined) throw missingKey(call)
    return object
  }
  const version = bucket.version(key, versionId)
  if (version === undefined) throw missingVersion(key, versionId)
  if (version.isDeleteMarker) {
    const message = 'The specified method is not allowed against this resource.'
    throw new ServiceError(405, 'MethodNotAllowed', message, { ResourceType: 'DeleteMarker' })
  }
  return version
}

/** Without the right to list, S3 hides whether a key exists. It names the missing right only to callers of the owner's account. */
export function missingKey(call: S3Call): ServiceError {
  const hidden = denialToKnowOfMissing(call)
  if (hidden !== undefined) return hidden
  return new ServiceError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: call.key })
}

export function missingVersion(key: string, versionId: string): ServiceError {
  const details = { Key: key, VersionId: versionId }
  return new ServiceError(404, 'NoSuchVersion', 'The specified version does not exist.', details)
}

function checkConditions(request: LabRequest, object: StoredObject): void {
  const ifMatch = headerOf(request, 'if-match')
  if (ifMatch !== undefined && !etagMatches(ifMatch, object.etag)) throw preconditionFailed('If-Match')
  const ifNoneMatch = headerOf(request, 'if-none-match')
  if (ifNoneMatch !== undefined && etagMatches(ifNoneMatch, object.etag)) {
    throw new ServiceError(304, 'NotModified', 'Not Modified')
  }
}

/** A HEAD needs the KMS key only for checksums. */
function wantsChecksums(request: LabRequest): boolean {
  return headerOf(request, 'x-amz-checksum-mode') === 'ENABLED'
}

function objectHeaders(call: S3Call, object: StoredObject): Record<string, string> {
  const { request, bucket, world } = call
  const headers: Record<string, string> = {
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.lastModifiedMs).toUTCString(),
    'content-type': object.contentType,
    'accept-ranges': 'bytes',
    ...encryptionHeaders(object),
    ...grantedHeaders(call, object),
  }
  if (object.contentEncoding !== undefined) headers['content-encoding'] = object.contentEncoding
  if (object.storageClass !== 'STANDARD') headers['x-amz-storage-class'] = object.storageClass
  if (object.isArchivedTier === true) headers['x-amz-archive-status'] = 'ARCHIVE_ACCESS'
  const { restore } = object
  if (restore !== undefined && (restore.ongoing || isRestored(object, world.now()))) {
    headers['x-amz-restore'] = restoreHeader(restore)
  }
  if (bucket.versioning !== 'Off') headers['x-amz-version-id'] = object.versionId
  for (const [name, value] of Object.entries(object.metadata)) headers[`x-amz-meta-${name}`] = value
  if (wantsChecksums(request) && headerOf(request, 'range') === undefined) {
    for (const [name, value] of Object.entries(object.checksums)) headers[`x-amz-checksum-${name}`] = value
    if (Object.keys(object.checksums).length > 0) headers['x-amz-checksum-type'] = object.checksumType ?? 'FULL_OBJECT'
  }
  return headers
}

// Each of these is shown only to callers who could request it separately.
function grantedHeaders(call: S3Call, { retention, legalHold, tags = {} }: StoredObject): Record<string, string> {
  const headers: Record<string, string> = {}
  if (retention !== undefined && may(call, 's3:GetObjectRetention')) {
    headers['x-amz-object-lock-mode'] = retention.mode
    headers['x-amz-object-lock-retain-until-date'] = new Date(retention.untilMs).toISOString()
  }
  if (legalHold !== undefined && may(call, 's3:GetObjectLegalHold')) {
    headers['x-amz-object-lock-legal-hold'] = legalHold ? 'ON' : 'OFF'
  }
  const tagCount = Object.keys(tags).length
  if (tagCount > 0 && may(call, 's3:GetObjectTagging')) headers['x-amz-tagging-count'] = String(tagCount)
  return headers
}

function restoreHeader(restore: NonNullable<StoredObject['restore']>): string {
  const expiry =
    restore.expiresAtMs === undefined ? '' : `, expiry-date="${new Date(restore.expiresAtMs).toUTCString()}"`
  return `ongoing-request="${restore.ongoing}"${expiry}`
}

// S3 ignores a header that is not one valid range, as HTTP allows.
function rangeOf(header: string | undefined, sizeBytes: number): { first: number; last: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  const [, from = '', to = ''] = match ?? []
  if (from === '' && to === '') return undefined
  const first = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from)
  const last = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  if (first > last && from !== '' && to !== '' && Number(from) > Number(to)) return undefined
  if (first > last) {
    const details = { RangeRequested: header ?? '', ActualObjectSize: String(sizeBytes) }
    throw new ServiceError(416, 'InvalidRange', 'The requested range is not satisfiable', details)
  }
  return { first, last }
}
