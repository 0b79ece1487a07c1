import type { Bucket } from './bucket.ts'
import type { Iam } from './iam.ts'
import type { Sessions } from './sessions.ts'

/** Everything the services of the lab share. */
export interface World {
  readonly iam: Iam
  readonly sessions: Sessions
  readonly buckets: Map<string, Bucket>
  readonly now: () => number
  /** The shortest session AssumeRole gives: 900 on AWS, less where a test needs sessions that expire while it looks. */
  readonly minSessionSeconds: number
}
