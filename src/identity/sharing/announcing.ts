import type { AccountId } from '../../trail/account-id.ts'
import { arnPartition } from '../../trail/region.ts'
import type { SharingAccount, SharingTrail } from './sharing-account.ts'

/**
 * How new logs are announced to queues. `sns`: the bucket announces to a topic. `s3`: the bucket announces to the queue. `eventbridge`: a rule
 * of EventBridge sends to the queue. `cloudtrail`: the trail announces to a topic.
 */
export type AnnouncingWay = 'sns' | 's3' | 'eventbridge' | 'cloudtrail'

/** The way from the bucket to the queues. */
export type Announcing = AnnouncingPlaces &
  (
    | { readonly way: Exclude<AnnouncingWay, 'cloudtrail'> }
    | {
        readonly way: 'cloudtrail'
        /** The trail that announces. */
        readonly trailArn: string
      }
  )

interface AnnouncingPlaces {
  /** Used by `sns` and `cloudtrail`. */
  readonly topicArn: string
  /** True if nobody named a topic, so that one with this ARN is created. */
  readonly topicIsNew: boolean
  /** The KMS keys that encrypt the queues and the topic, if they are encrypted with keys of a customer. */
  readonly queueKeyArn?: string | undefined
  readonly topicKeyArn?: string | undefined
}

/** The queue of an account. */
export interface SharedQueue {
  readonly url: string
  readonly arn: string
  readonly region: string
  readonly owner: AccountId
}

/** Whether a topic lies between the bucket and the queue. */
export function usesTopic({ way }: Pick<Announcing, 'way'>): boolean {
  return way === 'sns' || way === 'cloudtrail'
}

/** Whether EventBridge needs a role to send: it does so only to a queue of another account. */
export function needsRuleRole({ way }: Pick<Announcing, 'way'>, queue: SharedQueue, trail: SharingTrail): boolean {
  return way === 'eventbridge' && queue.owner !== trail.owner
}

/** The name of the rule of EventBridge, and of its role, for an account. The maximum is 64 characters for both. */
export function ruleName(label: string): string {
  return `crosstrail-${label}`.slice(0, 64)
}

export function ruleRoleName(label: string): string {
  return `crosstrail-rule-${label}`.slice(0, 64)
}

export function ruleRoleArn({ label, role }: Pick<SharingAccount, 'label' | 'role'>, owner: AccountId): string {
  return `arn:${arnPartition(role) ?? 'aws'}:iam::${owner}:role/${ruleRoleName(label)}`
}

export function ruleArn({ label, role }: Pick<SharingAccount, 'label' | 'role'>, trail: SharingTrail): string {
  return `arn:${arnPartition(role) ?? 'aws'}:events:${trail.region}:${trail.owner}:rule/${ruleName(label)}`
}
