import type { Bucket } from './stored-bucket.ts'
import type { Iam } from './iam.ts'
import type { PolicyDocument } from './evaluate-policy.ts'
import type { Sessions } from './issued-sessions.ts'

/** Everything the services of the lab share. */
export interface World {
  readonly iam: Iam
  readonly sessions: Sessions
  readonly buckets: Map<string, Bucket>
  readonly now: () => number
  /** What answers are dated by. */
  readonly dates: () => number
  /** The shortest session AssumeRole gives: 900 on AWS, less where a test needs sessions that expire while it looks. */
  readonly minSessionSeconds: number
  /** Policies of KMS keys, by ARN. A key without one leaves the decision to its own account's policies. */
  readonly keyPolicies: Map<string, PolicyDocument>
  readonly sizes: ObjectSizes
}

/** Sizes S3 sets limits to, in bytes; smaller ones let tests reach them. */
export interface ObjectSizes {
  /** The smallest part of a multipart upload, but for the last: 5 MiB. */
  readonly minPartBytes: number
  /** The largest object or range that one copy takes: 5 GiB. */
  readonly maxCopyBytes: number
  /** The largest body that one PUT or part takes: 5 GiB. */
  readonly maxPutBytes: number
}
