import { CrosstrailError, type ErrorCode } from '../../error.ts'
import { Bucket } from '../../s3/bucket.ts'
import { BucketAdmin } from '../../s3/bucket-admin.ts'
import type { ObjectHead } from '../../s3/object-head.ts'
import type { BucketPlace } from '../../s3/calls.ts'
import { CopyTarget, type StorageOptions } from '../../s3/copy-target.ts'
import type { KeySource } from '../../s3/key-source.ts'
import { PartsTarget } from '../../s3/parts-target.ts'
import { goneError } from '../../s3/service-error.ts'
import type { SourceSide, TargetSide } from './sides.ts'
import type { RunListener } from '../../work/run-event.ts'
import type { BucketAccess } from '../../s3/bucket-access.ts'

/** The bucket of the copies, its expected owner, and how to store them there. */
export interface TargetPlace extends BucketPlace {
  readonly storage: StorageOptions
  /** The part size of copies that are too large for one call, if it is not the default. */
  readonly partSizeBytes?: number | undefined
}

/** The trail's bucket, as the source of copies. */
export function copySource(buckets: BucketAccess, place: BucketPlace, keys: KeySource, bucket: Bucket): SourceSide {
  const admin = new BucketAdmin(buckets.sdkCalls(place, keys))
  return {
    bucket: place.bucket,
    owner: place.owner,
    maxAttempts: buckets.maxAttempts,
    get: (object, receive, signal) => bucket.get(object, receive, signal),
    getRange: (key, range, signal) => bucket.getRange(key, range, signal),
    head: (key, signal) => headOf(admin, key, signal),
    thaw: ({ key, storageClass }, how, signal) => admin.thaw(key, { ...how, storageClass }, signal),
  }
}

/** The bucket that copies are written to. Hints are added to its refusals. */
export function copyTarget(
  buckets: BucketAccess,
  place: TargetPlace,
  keys: KeySource,
  listener: RunListener,
): TargetSide {
  const calls = buckets.calls(place, keys, (region) =>
    listener({
      type: 'note',
      level: 'warning',
      code: 'bucket.other-region',
      message: `${place.bucket} is in ${region}, not in ${place.region}: give --to-region ${region}`,
    }),
  )
  const bucket = new Bucket(calls)
  const target = new CopyTarget(calls, place.storage)
  const admin = new BucketAdmin(buckets.sdkCalls(place, keys))
  const parts = new PartsTarget(buckets.sdkCalls(place, keys), place.storage)
  const explained = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      throw explainRefusal(error, place)
    })
  return {
    bucket: place.bucket,
    listing: { listPage: (request, signal) => explained(bucket.listPage(request, signal)) },
    get: (object, receive, signal) => explained(bucket.get(object, receive, signal)),
    head: (key, signal) => explained(headOf(admin, key, signal)),
    copy: (source, key, signal) => explained(target.copy(source, key, signal)),
    put: (key, body, own, signal) => explained(target.put(key, body, own, signal)),
    copyInParts: (source, head, key, signal) => explained(parts.copyInParts(source, head, key, place, signal)),
    uploadInParts: (key, read, head, signal) =>
      explained(parts.uploadInParts(key, read, head, { concurrency: 1 }, signal)),
    putNew: (key, body, own, signal) => explained(target.putNew(key, body, own, signal)),
    uploadNewInParts: (key, read, head, signal) =>
      explained(parts.uploadInParts(key, read, head, { concurrency: 4, replace: false }, signal)),
  }
}

async function headOf(admin: BucketAdmin, key: string, signal: AbortSignal | undefined): Promise<ObjectHead> {
  const head = await admin.head(key, {}, signal)
  if (head === undefined) throw goneError(key, undefined)
  return head
}

/** S3 gives the same answer if a right is missing on either side, or if the bucket belongs to another account. */
function explainRefusal(error: unknown, { bucket, owner }: TargetPlace): unknown {
  if (!(error instanceof CrosstrailError)) return error
  const rights = rightsByCode[error.code]
  if (rights === undefined) return error
  return new CrosstrailError(error.code, error.message, {
    hint: `the role that writes needs ${rights}; if it is in another account, the policies there must allow it too. ${bucket} must belong to ${owner}: see --to-owner and --to-account`,
    facts: error.facts,
    cause: error,
  })
}

const rightsByCode: Readonly<Partial<Record<ErrorCode, string>>> = {
  'access.list-denied': 's3:ListBucket with that s3:prefix',
  'access.object-denied': 's3:GetObject on the copies',
  'access.put-denied': 's3:PutObject, and with --tag and --acl s3:PutObjectTagging and s3:PutObjectAcl',
  'access.copy-denied':
    's3:GetObject on the logs and s3:PutObject on the copies; for logs with tags also s3:GetObjectTagging and s3:PutObjectTagging',
  'access.kms-denied': 'kms:Decrypt with the key of the logs, and kms:GenerateDataKey with that of the copies',
}
