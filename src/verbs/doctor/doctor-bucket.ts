import type { Bucket } from '../../s3/bucket.ts'
import type { BucketAdmin } from '../../s3/bucket-admin.ts'
import type { BucketProbe } from '../../s3/bucket-probe.ts'

/** A bucket as a doctor looks at it, through one account's session. */
export interface DoctorBucket {
  readonly wire: Pick<Bucket, 'listPage' | 'getRange'>
  readonly admin: Pick<BucketAdmin, 'protection'>
  readonly probe: Pick<
    BucketProbe,
    'region' | 'ownership' | 'requesterPays' | 'tagCount' | 'kmsKeyOf' | 'tellsMissing' | 'mayDelete' | 'mayPut'
  >
  /** How many buckets the session can see. Throws `access.list-buckets-denied` and what a call throws. */
  ownBuckets(signal: AbortSignal): Promise<number>
  /** The region that answered, where it is another than was asked. Known once something was asked of `wire`. */
  foundRegion(): string | undefined
  /** Whether AWS's own S3 answers: other servers may ignore conditions. */
  readonly isAws: boolean
}
