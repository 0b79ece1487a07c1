import type { Bucket } from '../../s3/bucket.ts'
import type { BucketAdmin } from '../../s3/bucket-admin.ts'
import type { BucketProbe } from '../../s3/bucket-probe.ts'

/** A bucket through one account's session, with the calls that doctor makes. */
export interface DoctorBucket {
  readonly wire: Pick<Bucket, 'listPage' | 'getRange'>
  readonly admin: Pick<BucketAdmin, 'protection'>
  readonly probe: Pick<
    BucketProbe,
    | 'region'
    | 'ownership'
    | 'requesterPays'
    | 'notifications'
    | 'tagCount'
    | 'kmsKeyOf'
    | 'tellsMissing'
    | 'mayDelete'
    | 'mayPut'
  >
  /** Returns how many buckets the session can see. Throws `access.list-buckets-denied` and what a call throws. */
  ownBuckets(signal: AbortSignal): Promise<number>
  /** Returns the region that answered, if it is not the configured one. Known after the first call of `wire`. */
  foundRegion(): string | undefined
  /** Whether the server is AWS's own S3. Other servers may ignore conditions. */
  readonly isAws: boolean
}
