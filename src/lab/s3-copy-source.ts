import type { Bucket } from './stored-bucket.ts'
import { headerOf, parseQuery } from './request.ts'
import { accessDenied, demand, denialToKnowOfMissing, type S3Call } from './s3-call.ts'
import { demandDecrypt } from './s3-kms.ts'
import { etagMatches, invalidObjectState, missingKey, missingVersion, preconditionFailed } from './s3-read.ts'
import { ServiceError } from './error-answer.ts'
import { isArchived, type StoredObject } from './stored-object.ts'

/** The source of a copy, after all checks. */
export interface CopySource {
  readonly bucket: Bucket
  readonly key: string
  readonly object: StoredObject
  /** `x-amz-copy-source-version-id`, if the source's bucket has versions. */
  readonly headers: Readonly<Record<string, string>>
  readonly namesVersion: boolean
}

/** Finds the source of `CopyObject` and `UploadPartCopy`, and checks owner, rights, condition, storage class and KMS key. */
export function demandCopySource(call: S3Call): CopySource {
  const { bucketName, key, versionId } = parseCopySource(headerOf(call.request, 'x-amz-copy-source') ?? '')
  const bucket = call.world.buckets.get(bucketName)
  if (bucket === undefined) {
    throw new ServiceError(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucketName })
  }
  const expectedOwner = headerOf(call.request, 'x-amz-source-expected-bucket-owner')
  if (expectedOwner !== undefined && expectedOwner !== bucket.owner) throw accessDenied()
  const reading: S3Call = { ...call, bucket, key }
  demand(reading, versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion', { 's3:versionid': versionId })
  const object = sourceObject(reading, versionId)
  const ifMatch = headerOf(call.request, 'x-amz-copy-source-if-match')
  if (ifMatch !== undefined && !etagMatches(ifMatch, object.etag)) {
    throw preconditionFailed('x-amz-copy-source-If-Match')
  }
  if (isArchived(object, call.world.now())) throw invalidObjectState(object)
  demandDecrypt(call, bucket, object)
  const headers: Record<string, string> =
    bucket.versioning === 'Off' ? {} : { 'x-amz-copy-source-version-id': object.versionId }
  return { bucket, key, object, headers, namesVersion: versionId !== undefined }
}

/** @throws {ServiceError} `InvalidRequest` */
export function checkCopySize({ world }: S3Call, sizeBytes: number): void {
  const { maxCopyBytes } = world.sizes
  if (sizeBytes <= maxCopyBytes) return
  const message = `The specified copy source is larger than the maximum allowable size for a copy source: ${maxCopyBytes}`
  throw new ServiceError(400, 'InvalidRequest', message)
}

function parseCopySource(header: string): { bucketName: string; key: string; versionId: string | undefined } {
  const mark = header.indexOf('?')
  const path = decode(mark < 0 ? header : header.slice(0, mark)).replace(/^\//, '')
  const slash = path.indexOf('/')
  if (slash <= 0 || slash === path.length - 1) throw badSource()
  const versionId = mark < 0 ? undefined : parseQuery(header.slice(mark + 1)).get('versionId')
  return { bucketName: path.slice(0, slash), key: path.slice(slash + 1), versionId }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw badSource()
  }
}

function badSource(): ServiceError {
  const message = 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey'
  return new ServiceError(400, 'InvalidArgument', message, { ArgumentName: 'x-amz-copy-source' })
}

function sourceObject(reading: S3Call, versionId: string | undefined): StoredObject {
  const { bucket, key } = reading
  const object = versionId === undefined ? bucket.get(key) : bucket.version(key, versionId)
  if (object === undefined) {
    if (denialToKnowOfMissing(reading) !== undefined) throw accessDenied()
    throw versionId === undefined ? missingKey(reading) : missingVersion(key, versionId)
  }
  if (!object.isDeleteMarker) return object
  const message = 'The source of a copy request may not specifically refer to a delete marker by version id.'
  throw new ServiceError(400, 'InvalidRequest', message)
}
