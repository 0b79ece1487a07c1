import { arnPartition } from '../../trail/region.ts'
import { oneOrMore, type PolicyStatement } from '../policy-document.ts'
import { type Announcing, needsRuleRole, ruleArn, ruleRoleArn, type SharedQueue } from './announcing.ts'
import type { SharingAccount, SharingTrail } from './sharing-account.ts'

/** What a pull does with its queue. */
const readerActions = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes',
]

/** What the caller's own policy needs for its queue. With a key, also the right to decrypt messages, only through SQS. */
export function readerStatements(
  queue: SharedQueue,
  { queueKeyArn }: Pick<Announcing, 'queueKeyArn'>,
): readonly PolicyStatement[] {
  const receive: PolicyStatement = {
    Sid: 'ReceiveAnnouncements',
    Effect: 'Allow',
    Action: oneOrMore(readerActions),
    Resource: queue.arn,
  }
  return queueKeyArn === undefined ? [receive] : [receive, decrypting(queue, queueKeyArn)]
}

/** What doctor needs. It receives nothing. */
export function inspectStatement(queue: SharedQueue): PolicyStatement {
  return { Sid: 'InspectQueue', Effect: 'Allow', Action: 'sqs:GetQueueAttributes', Resource: queue.arn }
}

/** The statement of the queue's policy that lets the reader in. Only a reader of another account needs it. */
export function receiveStatement(queue: SharedQueue, reader: string): PolicyStatement {
  return {
    Sid: 'ReceiveAnnouncements',
    Effect: 'Allow',
    Principal: { AWS: reader },
    Action: oneOrMore(readerActions),
    Resource: queue.arn,
  }
}

/** The statement of the queue's policy that lets announcements in. */
export function sendStatement(
  queue: SharedQueue,
  account: SharingAccount,
  trail: SharingTrail,
  announcing: Announcing,
): PolicyStatement {
  const send = { Action: 'sqs:SendMessage', Resource: queue.arn }
  const from = (service: string, source: string) => ({
    Sid: 'SendAnnouncements',
    Effect: 'Allow' as const,
    Principal: { Service: service },
    ...send,
    Condition: { ArnEquals: { 'aws:SourceArn': source } },
  })
  switch (announcing.way) {
    case 'sns':
    case 'cloudtrail':
      return from('sns.amazonaws.com', announcing.topicArn)
    case 's3':
      return { ...from('s3.amazonaws.com', ''), Condition: ofBucket(account, trail) }
    case 'eventbridge':
      return needsRuleRole(announcing, queue, trail)
        ? {
            Sid: 'SendAnnouncements',
            Effect: 'Allow',
            Principal: { AWS: ruleRoleArn(account, trail.owner) },
            ...send,
          }
        : from('events.amazonaws.com', ruleArn(account, trail))
  }
}

/** The statements of the key that encrypts the queue: the sender encrypts, the reader decrypts. */
export function queueKeyStatements(
  queue: SharedQueue,
  account: SharingAccount,
  trail: SharingTrail,
  announcing: Announcing,
  reader: string,
): readonly PolicyStatement[] {
  return [
    encrypting('EncryptAnnouncements', sendStatement(queue, account, trail, announcing).Principal),
    decrypting(queue, '*', { AWS: reader }),
  ]
}

/** The statement of the key that encrypts the topic. SNS itself decrypts with the right of the publisher. */
export function topicKeyStatement({ way }: Pick<Announcing, 'way'>): PolicyStatement {
  return encrypting('EncryptForTopic', { Service: publisher(way) })
}

/** The statement of the topic's policy that lets the bucket, or the trail, publish. */
export function publishStatement(
  account: SharingAccount,
  trail: SharingTrail,
  announcing: Announcing,
): PolicyStatement {
  return {
    Sid: 'PublishAnnouncements',
    Effect: 'Allow',
    Principal: { Service: publisher(announcing.way) },
    Action: 'sns:Publish',
    Resource: announcing.topicArn,
    Condition:
      announcing.way === 'cloudtrail'
        ? { StringEquals: { 'aws:SourceArn': announcing.trailArn } }
        : ofBucket(account, trail),
  }
}

/** The statement of the topic's policy that lets the owner of the queue subscribe it, and nothing else. SNS then asks for no confirmation. */
export function subscribeStatement(
  queue: SharedQueue,
  account: SharingAccount,
  { topicArn }: Pick<Announcing, 'topicArn'>,
): PolicyStatement {
  return {
    Sid: 'SubscribeQueue',
    Effect: 'Allow',
    Principal: { AWS: `arn:${arnPartition(account.role) ?? 'aws'}:iam::${queue.owner}:root` },
    Action: 'sns:Subscribe',
    Resource: topicArn,
    Condition: { StringEquals: { 'sns:Protocol': 'sqs', 'sns:Endpoint': queue.arn } },
  }
}

/** What the role of the rule of EventBridge may do. */
export function ruleRoleStatements(
  queue: SharedQueue,
  { queueKeyArn }: Pick<Announcing, 'queueKeyArn'>,
): readonly PolicyStatement[] {
  return [
    { Sid: 'SendAnnouncements', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue.arn },
    ...(queueKeyArn === undefined
      ? []
      : [
          {
            Sid: 'EncryptAnnouncements',
            Effect: 'Allow' as const,
            Action: oneOrMore(encryptingActions),
            Resource: queueKeyArn,
          },
        ]),
  ]
}

function publisher(way: Announcing['way']): string {
  return way === 'cloudtrail' ? 'cloudtrail.amazonaws.com' : 's3.amazonaws.com'
}

/** The name of a bucket has no account in it, so the account is a condition of its own. */
function ofBucket({ role }: SharingAccount, { bucket, owner }: SharingTrail) {
  return {
    ArnLike: { 'aws:SourceArn': `arn:${arnPartition(role) ?? 'aws'}:s3:::${bucket}` },
    StringEquals: { 'aws:SourceAccount': owner },
  }
}

const encryptingActions = ['kms:GenerateDataKey*', 'kms:Decrypt']

/** As AWS documents it. It has no condition on the source: not every service sends one to KMS. */
function encrypting(Sid: string, Principal: PolicyStatement['Principal']): PolicyStatement {
  return {
    Sid,
    Effect: 'Allow',
    ...(Principal !== undefined && { Principal }),
    Action: oneOrMore(encryptingActions),
    Resource: '*',
  }
}

function decrypting(
  { region, arn }: SharedQueue,
  Resource: string,
  Principal?: PolicyStatement['Principal'],
): PolicyStatement {
  const end = arnPartition(arn) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  return {
    Sid: 'DecryptAnnouncements',
    Effect: 'Allow',
    ...(Principal !== undefined && { Principal }),
    Action: 'kms:Decrypt',
    Resource,
    Condition: { StringLike: { 'kms:ViaService': `sqs.${region}.${end}` } },
  }
}
