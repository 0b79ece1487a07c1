import type { Bucket } from './stored-bucket.ts'
import type { Iam } from './iam.ts'
import type { PolicyDocument } from './evaluate-policy.ts'
import type { PublicKeys } from './public-keys.ts'
import type { Sessions } from './issued-sessions.ts'
import type { Queue } from './sqs/stored-queue.ts'

/** The state that the services of the lab share. */
export interface World {
  readonly iam: Iam
  readonly sessions: Sessions
  readonly buckets: Map<string, Bucket>
  /** The queues of SQS by `ACCOUNT/NAME`. */
  readonly queues: Map<string, Queue>
  /** Aborted when the lab stops: long polls end. */
  readonly stopping: AbortSignal
  readonly now: () => number
  /** The clock for the dates of answers. */
  readonly dates: () => number
  /** The shortest session of AssumeRole: 900 on AWS, less if sessions must expire during a test. */
  readonly minSessionSeconds: number
  /** Policies of KMS keys, by ARN. A key without one leaves the decision to its account's policies. */
  readonly keyPolicies: Map<string, PolicyDocument>
  readonly publicKeys: PublicKeys
  readonly sizes: ObjectSizes
}

/** S3's size limits in bytes. Smaller ones let tests reach them. */
export interface ObjectSizes {
  /** The smallest part of a multipart upload except the last: 5 MiB. */
  readonly minPartBytes: number
  /** The largest object or range for one copy: 5 GiB. */
  readonly maxCopyBytes: number
  /** The largest body of one PUT or part: 5 GiB. */
  readonly maxPutBytes: number
}
