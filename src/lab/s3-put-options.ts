import { headerOf, type LabRequest } from './request.ts'
import { demand, type S3Call } from './s3-call.ts'
import { awsManagedKey, demandDataKey, keyArnOf } from './s3-kms.ts'
import { legalHoldOf, retentionOf } from './s3-lock.ts'
import { parseTags } from './s3-tagging.ts'
import { ServiceError } from './error-answer.ts'
import type { PutOptions } from './stored-object.ts'

/**
 * Reads from the headers how to put an object, and checks every right that it needs: s3:PutObject, tags, ACL, lock, KMS key. The tags of a
 * copy that keeps its source's tags are left to the copy.
 * @throws {ServiceError}
 */
export function demandPut(call: S3Call): PutOptions {
  const { request, bucket, key } = call
  demand(call, 's3:PutObject', factsOf(request))
  const keepsTags = isCopy(request) && headerOf(request, 'x-amz-tagging-directive') !== 'REPLACE'
  const tagging = keepsTags ? undefined : headerOf(request, 'x-amz-tagging')
  if (tagging !== undefined) demand(call, 's3:PutObjectTagging')
  const acl = aclOf(call)
  const lock = lockOf(call)
  const kmsKeyArn = kmsKeyOf(call)
  if (kmsKeyArn !== undefined) demandDataKey(call, bucket, key, kmsKeyArn)
  const options: PutOptions = {
    metadata: metadataOf(request),
    contentType: headerOf(request, 'content-type') ?? 'binary/octet-stream',
    contentEncoding: contentEncodingOf(request),
    storageClass: storageClassOf(request),
    ...lock,
  }
  return {
    ...options,
    ...(tagging === undefined ? {} : { tags: parseTags(tagging) }),
    ...(acl === undefined ? {} : { acl }),
    ...(kmsKeyArn === undefined ? {} : { kmsKeyArn, encryptionContext: { 'aws:s3:arn': `${bucket.arn}/${key}` } }),
  }
}

/** Returns the facts of a write that a bucket policy may test. */
function factsOf(request: LabRequest): Record<string, string | undefined> {
  return Object.fromEntries(policyHeaders.map((name) => [`s3:${name}`, headerOf(request, name)]))
}

const policyHeaders = [
  'if-none-match',
  'x-amz-acl',
  'x-amz-copy-source',
  'x-amz-metadata-directive',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-storage-class',
]

function isCopy(request: LabRequest): boolean {
  return headerOf(request, 'x-amz-copy-source') !== undefined
}

// Buckets with BucketOwnerEnforced, the default for new ones, accept only this ACL.
function aclOf(call: S3Call): string | undefined {
  const acl = headerOf(call.request, 'x-amz-acl')
  const hasGrant = Object.keys(call.request.headers).some((name) => name.startsWith('x-amz-grant-'))
  if (acl === undefined && !hasGrant) return undefined
  demand(call, 's3:PutObjectAcl')
  if (acl === 'bucket-owner-full-control' && !hasGrant) return acl
  throw new ServiceError(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs')
}

function lockOf(call: S3Call): PutOptions {
  const mode = headerOf(call.request, 'x-amz-object-lock-mode')
  const until = headerOf(call.request, 'x-amz-object-lock-retain-until-date')
  const legalHold = headerOf(call.request, 'x-amz-object-lock-legal-hold')
  const retention = mode === undefined && until === undefined ? undefined : retentionOf(call, mode, until)
  return {
    ...(retention === undefined ? {} : { retention }),
    ...(legalHold === undefined ? {} : { legalHold: legalHoldOf(call, legalHold) }),
  }
}

function kmsKeyOf(call: S3Call): string | undefined {
  const encryption = headerOf(call.request, 'x-amz-server-side-encryption') ?? 'AES256'
  const given = headerOf(call.request, 'x-amz-server-side-encryption-aws-kms-key-id')
  if (encryption === 'aws:kms') return given === undefined ? awsManagedKey(call.bucket) : keyArnOf(call, given)
  if (encryption !== 'AES256') {
    throw new ServiceError(400, 'InvalidArgument', 'The encryption method specified is not supported')
  }
  if (given === undefined) return undefined
  const message =
    'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms'
  throw new ServiceError(400, 'InvalidArgument', message)
}

function storageClassOf(request: LabRequest): string {
  const storageClass = headerOf(request, 'x-amz-storage-class') ?? 'STANDARD'
  if (storageClasses.has(storageClass)) return storageClass
  throw new ServiceError(400, 'InvalidStorageClass', 'The storage class you specified is not valid')
}

const storageClasses = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
])

function metadataOf(request: LabRequest): Record<string, string> {
  const metadata: Record<string, string> = {}
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith('x-amz-meta-')) metadata[name.slice('x-amz-meta-'.length)] = headerOf(request, name) ?? ''
  }
  return metadata
}

function contentEncodingOf(request: LabRequest): string | undefined {
  const codings = (headerOf(request, 'content-encoding') ?? '').split(',').map((coding) => coding.trim())
  const stored = codings.filter((coding) => coding !== 'aws-chunked' && coding !== '').join(',')
  return stored === '' ? undefined : stored
}
