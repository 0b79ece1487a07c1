import type { NotificationConfiguration } from './s3-client.ts'

/** One place to which a bucket announces objects. */
export interface NotificationTarget {
  /** A topic's or a queue's. */
  readonly arn: string
  /** Whether it announces objects that are put. */
  readonly announcesPuts: boolean
  /** Only keys that begin and end so. Empty: all. */
  readonly prefix: string
  readonly suffix: string
}

/** What a bucket announces. */
export interface BucketNotifications {
  readonly queues: readonly NotificationTarget[]
  readonly topics: readonly NotificationTarget[]
  /** Whether all events go to EventBridge. Its rules choose. */
  readonly toEventBridge: boolean
}

export function notificationsOf(configuration: NotificationConfiguration): BucketNotifications {
  const { QueueConfigurations = [], TopicConfigurations = [], EventBridgeConfiguration } = configuration
  return {
    queues: QueueConfigurations.map(({ QueueArn, ...rest }) => targetOf(QueueArn, rest)),
    topics: TopicConfigurations.map(({ TopicArn, ...rest }) => targetOf(TopicArn, rest)),
    toEventBridge: EventBridgeConfiguration !== undefined,
  }
}

type Rule = NonNullable<NotificationConfiguration['QueueConfigurations']>[number]

function targetOf(
  arn: string | undefined,
  { Events = [], Filter }: Pick<Rule, 'Events' | 'Filter'>,
): NotificationTarget {
  const rules = Filter?.Key?.FilterRules ?? []
  // S3 answers with `Prefix` and accepts `prefix`.
  const valueOf = (name: string) => rules.find(({ Name }) => Name?.toLowerCase() === name)?.Value ?? ''
  return {
    arn: arn ?? '',
    announcesPuts: Events.some((event) => /^s3:ObjectCreated:(?:\*|Put)$/.test(event)),
    prefix: valueOf('prefix'),
    suffix: valueOf('suffix'),
  }
}
