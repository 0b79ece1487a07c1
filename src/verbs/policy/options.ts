import type { ConfiguredQueue } from '../../config/config.ts'
import type { AnnouncingWay } from '../../identity/sharing/announcing.ts'
import type { SettingKind, SharingKind, SharingSide } from '../../identity/sharing/sharing-policy.ts'
import type { AccountId } from '../../trail/account-id.ts'
import type { OptionRights } from './needed-rights.ts'

/** The options of `policy`: which policies, and facts that the config does not hold. */
export interface PolicyOptions {
  /** Labels of the config. Empty: all. */
  readonly accounts?: readonly string[] | undefined
  readonly side?: SharingSide | undefined
  /** Empty: all. */
  readonly kinds?: readonly (SharingKind | SettingKind)[] | undefined
  /** Only policies that are attached in this account. */
  readonly inAccount?: AccountId | undefined
  /** The user or role that the account calls with. Needs exactly one account. */
  readonly callerArn?: string | undefined
  /** True to grant the rights on the logs in the bucket's policy instead of the role's. */
  readonly byBucketPolicy?: boolean | undefined
  /** Where copies go: `s3://bucket/prefix`. */
  readonly copyTo?: string | undefined
  readonly copyToOwner?: AccountId | undefined
  /** The KMS key of the logs. */
  readonly keyArn?: string | undefined
  /** The KMS key of the copies. */
  readonly targetKeyArn?: string | undefined
  readonly trailArn?: string | undefined
  /** The queue that announces new logs. Default: the one of the config. Needs exactly one account. */
  readonly sqs?: ConfiguredQueue | undefined
  /** How announcements come to the queue. Default: `sns`. */
  readonly sqsVia?: AnnouncingWay | undefined
  /** The topic of `sns` and `cloudtrail`. Default: a new topic `crosstrail-new-logs` of the bucket's owner. */
  readonly topicArn?: string | undefined
  /** The KMS key of the queue. */
  readonly sqsKeyArn?: string | undefined
  /** The KMS key of the topic. */
  readonly topicKeyArn?: string | undefined
  readonly rights?: Partial<OptionRights> | undefined
  readonly showExternalIds?: boolean | undefined
}
