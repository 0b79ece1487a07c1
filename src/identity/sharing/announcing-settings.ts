import type { AccountId } from '../../trail/account-id.ts'
import { accountPrefix, logsBase } from '../../trail/key-prefix.ts'
import { type Announcing, needsRuleRole, ruleName, ruleRoleArn, type SharedQueue, usesTopic } from './announcing.ts'
import type { SharingAccount, SharingTrail } from './sharing-account.ts'
import type { SharingSetting } from './sharing-policy.ts'
import type { SharingRequest } from './sharing-request.ts'
import { readLogAccounts } from './statements.ts'

/** Returns the settings that make the bucket, or the trail, announce new logs to the queues of accounts, in the order in which to make them. */
export function announcingSettings(request: SharingRequest): readonly SharingSetting[] {
  const { announcing, accounts, trail, queues } = request
  const readers = accounts.flatMap((account) => {
    const queue = queues?.get(account.label)
    return queue === undefined ? [] : [{ account, queue }]
  })
  if (announcing === undefined || readers.length === 0) return []
  const subscriptions = usesTopic(announcing)
    ? readers.map(({ account, queue }) => subscription(account, queue, announcing, trail))
    : []
  const rules =
    announcing.way === 'eventbridge' ? readers.map(({ account, queue }) => rule(account, queue, announcing, trail)) : []
  return [...subscriptions, ...rules, ...source(readers, announcing, trail)]
}

interface Reader {
  readonly account: SharingAccount
  readonly queue: SharedQueue
}

/** The setting of what announces: the bucket or the trail. It comes last, because S3 tries to send a test message at once. */
function source(readers: readonly Reader[], announcing: Announcing, trail: SharingTrail): readonly SharingSetting[] {
  const accounts = readers.map(({ account }) => account.label)
  if (announcing.way === 'cloudtrail') {
    const { trailArn } = announcing
    return [
      {
        ...inAccountOf(trailArn, trail),
        kind: 'trail-topic',
        accounts,
        attachTo: trailArn,
        attachment: { type: 'trail-topic', trailArn },
        name: 'crosstrail-trail-topic',
        document: { Name: trailArn, SnsTopicName: announcing.topicArn },
      },
    ]
  }
  return [
    {
      side: 'owner',
      inAccount: trail.owner,
      kind: 'notification',
      accounts,
      attachTo: `the notifications of bucket ${trail.bucket}`,
      attachment: { type: 'bucket-notification', bucket: trail.bucket },
      name: 'crosstrail-notification',
      document: notifications(readers, announcing, trail),
    },
  ]
}

/** In the form of S3's PutBucketNotificationConfiguration. */
function notifications(readers: readonly Reader[], { way, topicArn }: Announcing, trail: SharingTrail) {
  if (way === 'eventbridge') return { EventBridgeConfiguration: {} }
  if (way === 'sns') {
    // S3 refuses two configurations for the same keys, so all accounts share this one, and their subscriptions choose.
    return {
      TopicConfigurations: [{ Id: 'crosstrail', TopicArn: topicArn, ...ofKeys(logsBase(trail)) }],
    }
  }
  return {
    QueueConfigurations: readers.flatMap(({ account, queue }) =>
      keyPrefixes(account, trail).map((prefix, index) => ({
        Id: `crosstrail-${account.label}${index === 0 ? '' : `-${index + 1}`}`,
        QueueArn: queue.arn,
        ...ofKeys(prefix),
      })),
    ),
  }
}

function ofKeys(prefix: string) {
  return {
    Events: ['s3:ObjectCreated:*'],
    Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: prefix }] } },
  }
}

/** In the form of SNS's Subscribe. The owner of the queue makes the call, so SNS asks for no confirmation. */
function subscription(
  account: SharingAccount,
  queue: SharedQueue,
  { way, topicArn }: Announcing,
  trail: SharingTrail,
): SharingSetting {
  const filter = subscriptionFilter(account, way, trail)
  return {
    ...inAccountOf(queue.arn, trail),
    kind: 'subscription',
    accounts: [account.label],
    attachTo: topicArn,
    attachment: { type: 'topic-subscription', topicArn, queueArn: queue.arn },
    name: `crosstrail-subscription-${account.label}`,
    document: {
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: queue.arn,
      Attributes: {
        RawMessageDelivery: 'true',
        ...(filter !== undefined && { FilterPolicyScope: 'MessageBody', FilterPolicy: JSON.stringify(filter) }),
      },
    },
  }
}

/** Returns a filter for the account's own logs. Undefined if it reads all, or if SNS could not take the filter. */
function subscriptionFilter(account: SharingAccount, way: Announcing['way'], trail: SharingTrail) {
  if (account.reads === 'all') return undefined
  const prefixes = keyPrefixes(account, trail)
  // S3 encodes the other characters of a key, so that a prefix with one of them would match nothing.
  if (prefixes.length > mostFilters || prefixes.some((prefix) => !/^[\w./-]*$/.test(prefix))) return undefined
  const key = prefixes.map((prefix) => ({ prefix }))
  return way === 'cloudtrail' ? { s3ObjectKey: key } : { Records: { s3: { object: { key } } } }
}

/** SNS: at most 150 combinations of values. */
const mostFilters = 150

/** In the form of EventBridge's PutRule and PutTargets. */
function rule(
  account: SharingAccount,
  queue: SharedQueue,
  announcing: Announcing,
  trail: SharingTrail,
): SharingSetting {
  const name = ruleName(account.label)
  const role = needsRuleRole(announcing, queue, trail) ? { RoleArn: ruleRoleArn(account, trail.owner) } : {}
  return {
    side: 'owner',
    inAccount: trail.owner,
    kind: 'rule',
    accounts: [account.label],
    attachTo: `rule ${name} of EventBridge in ${trail.region}`,
    attachment: { type: 'event-rule', rule: name, region: trail.region },
    name: `crosstrail-rule-${account.label}`,
    document: {
      Name: name,
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [trail.bucket] },
          object: { key: keyPrefixes(account, trail).map((prefix) => ({ prefix })) },
        },
      },
      Targets: [{ Id: name, Arn: queue.arn, ...role }],
    },
  }
}

/** The beginnings of the keys that an account reads. */
function keyPrefixes(account: SharingAccount, trail: SharingTrail): readonly string[] {
  const read = readLogAccounts(account)
  return read === 'all' ? [logsBase(trail)] : read.map((id) => accountPrefix(trail, id as AccountId))
}

function inAccountOf(arn: string, { owner }: SharingTrail) {
  const inAccount = arn.split(':')[4] as AccountId
  return { side: inAccount === owner ? ('owner' as const) : ('caller' as const), inAccount }
}
