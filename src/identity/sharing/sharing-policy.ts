import type { AccountId } from '../../trail/account-id.ts'
import type { PolicyDocument } from '../policy-document.ts'

/** Who attaches it: the account that owns the bucket, or the account that reads. */
export type SharingSide = 'owner' | 'caller'

export type SharingKind =
  | 'caller' // the caller may assume the first role
  | 'service-trust' // of the role of an instance, a task or a pod: one of its statements is enough
  | 'hop-trust' // of an intermediate role
  | 'hop' // an intermediate role may assume the next one
  | 'trust' // of the role that is assumed last
  | 'role' // what that role may do
  | 'bucket' // the policy of the trail's bucket
  | 'key' // the policy of the key that encrypts the logs
  | 'target-bucket' // the same two for the copies
  | 'target-key'
  | 'topic' // the policy of the topic to which new logs are announced
  | 'topic-key' // the policy of the key that encrypts the topic
  | 'rule-trust' // of the role with which EventBridge sends to a queue of another account
  | 'rule-role' // what that role may do
  | 'queue-key' // the policy of the key that encrypts a queue
  | 'queue' // the policy of a queue that announces new logs

export type SharingAttachment =
  | {
      readonly type: 'role-trust'
      readonly roleName: string
      readonly path: string
      /** The role's maximum duration, if an account asks for more than IAM's default of an hour. */
      readonly maxSessionSeconds?: number | undefined
      /** True if the role goes into an EC2 instance profile. */
      readonly instanceProfile?: boolean | undefined
    }
  | { readonly type: 'role-policy'; readonly roleName: string }
  | { readonly type: 'user-policy'; readonly userName: string }
  /** A user, a role or a permission set that the config does not name. */
  | { readonly type: 'unnamed-principal' }
  | { readonly type: 'bucket-policy'; readonly bucket: string }
  | { readonly type: 'key-policy'; readonly keyArn: string }
  | { readonly type: 'queue-policy'; readonly url: string; readonly region: string }
  /** `isNew`: the topic is created with this policy. */
  | { readonly type: 'topic-policy'; readonly topicArn: string; readonly isNew: boolean }

export interface SharingPolicy {
  readonly side: SharingSide
  readonly kind: SharingKind
  /** The labels of the accounts it serves. */
  readonly accounts: readonly string[]
  /** The AWS account in which it is attached. */
  readonly inAccount: AccountId
  /** An ARN, or a description if the ARN is not known. */
  readonly attachTo: string
  readonly attachment: SharingAttachment
  /** A valid PolicyName, unique among these policies. */
  readonly name: string
  readonly document: PolicyDocument
}

/** A setting that is no policy, and that makes new logs come to a queue. */
export type SettingKind =
  | 'subscription' // of the queue to the topic
  | 'rule' // of EventBridge
  | 'trail-topic' // the topic to which CloudTrail announces
  | 'notification' // what the bucket announces, and to whom

export type SettingAttachment =
  | { readonly type: 'topic-subscription'; readonly topicArn: string; readonly queueArn: string }
  | { readonly type: 'event-rule'; readonly rule: string; readonly region: string }
  | { readonly type: 'trail-topic'; readonly trailArn: string }
  | { readonly type: 'bucket-notification'; readonly bucket: string }

export interface SharingSetting {
  readonly side: SharingSide
  readonly kind: SettingKind
  /** The labels of the accounts it serves. */
  readonly accounts: readonly string[]
  /** The AWS account in which it is made. */
  readonly inAccount: AccountId
  readonly attachTo: string
  readonly attachment: SettingAttachment
  /** Unique among policies and settings. */
  readonly name: string
  /** In the form of the call of AWS that makes the setting. */
  readonly document: Readonly<Record<string, unknown>>
}
