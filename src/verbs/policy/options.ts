import type { SharingKind, SharingSide } from '../../identity/sharing/sharing-policy.ts'
import type { AccountId } from '../../trail/account-id.ts'
import type { OptionRights } from './needed-rights.ts'

/** Which policies, and what the config does not say. */
export interface PolicyOptions {
  /** Labels; all accounts if there are none. */
  readonly accounts?: readonly string[] | undefined
  readonly side?: SharingSide | undefined
  /** Empty: all. */
  readonly kinds?: readonly SharingKind[] | undefined
  /** Only those that are attached in this account. */
  readonly inAccount?: AccountId | undefined
  /** The user or role that the only account calls with. */
  readonly callerArn?: string | undefined
  /** True to give the rights on the logs by the bucket's policy in place of the role's. */
  readonly byBucketPolicy?: boolean | undefined
  /** `s3://bucket/prefix` where copies go. */
  readonly copyTo?: string | undefined
  readonly copyToOwner?: AccountId | undefined
  /** The KMS key of the logs. */
  readonly keyArn?: string | undefined
  /** The KMS key of the copies. */
  readonly targetKeyArn?: string | undefined
  readonly trailArn?: string | undefined
  readonly rights?: Partial<OptionRights> | undefined
  readonly showExternalIds?: boolean | undefined
}
