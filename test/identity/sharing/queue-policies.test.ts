import { describe, expect, test } from 'vitest'
import type { Announcing, SharedQueue } from '../../../src/identity/sharing/announcing.ts'
import { announcingSettings } from '../../../src/identity/sharing/announcing-settings.ts'
import { checkPolicy } from '../../../src/identity/sharing/check-policy.ts'
import { readPolicy } from '../../../src/identity/sharing/read-policy.ts'
import { sharingPolicies } from '../../../src/identity/sharing/sharing-policies.ts'
import type { SharingKind, SharingPolicy } from '../../../src/identity/sharing/sharing-policy.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { accountA, request, sharingB } from './requests.ts'

const queueArn = 'arn:aws:sqs:us-east-1:222222222222:new-logs'
const topicArn = 'arn:aws:sns:us-east-1:111111111111:crosstrail-new-logs'
const queueKeyArn = 'arn:aws:kms:us-east-1:222222222222:key/1-a'
const root = 'arn:aws:iam::222222222222:root'

const trailArn = 'arn:aws:cloudtrail:us-east-1:111111111111:trail/t'

function announcing(way: Announcing['way'], keys: { queueKeyArn?: string; topicKeyArn?: string } = {}): Announcing {
  return { way, trailArn, topicArn, topicIsNew: true, ...keys }
}

function queueAt(owner = '222222222222'): SharedQueue {
  return {
    url: `https://sqs.us-east-1.amazonaws.com/${owner}/new-logs`,
    arn: `arn:aws:sqs:us-east-1:${owner}:new-logs`,
    region: 'us-east-1',
    owner: owner as AccountId,
  }
}

/** The queue of B, and of each further account. */
const everyQueue = new Map(['B', 'C', 'Z'].map((label) => [label, queueAt()]))
/** The queue of B, in the account of the bucket. */
const queueOfA = new Map([['B', queueAt(accountA)]])

function asked(how: Announcing, changes: Parameters<typeof request>[0] = {}) {
  return request({ queues: everyQueue, announcing: how, ...changes })
}

function policies(how: Announcing, changes: Parameters<typeof request>[0] = {}): readonly SharingPolicy[] {
  return sharingPolicies(asked(how, changes))
}

function policyOf(kind: SharingKind, all: readonly SharingPolicy[]): SharingPolicy {
  const found = all.find((policy) => policy.kind === kind)
  if (found === undefined) throw new Error(`no ${kind}`)
  return found
}

describe('the caller', () => {
  test('may receive, delete, extend and look at its queue', () => {
    expect(policyOf('caller', policies(announcing('sns'))).document.Statement[1]).toEqual({
      Sid: 'ReceiveAnnouncements',
      Effect: 'Allow',
      Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      Resource: queueArn,
    })
  })

  test('may decrypt messages of an encrypted queue through SQS only', () => {
    expect(policyOf('caller', policies(announcing('sns', { queueKeyArn }))).document.Statement[2]).toEqual({
      Sid: 'DecryptAnnouncements',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: queueKeyArn,
      Condition: { StringLike: { 'kms:ViaService': 'sqs.us-east-1.amazonaws.com' } },
    })
  })

  test('gets no right on a queue without a queue', () => {
    expect(JSON.stringify(policies(announcing('sns'), { queues: new Map() }))).not.toContain('sqs')
  })
})

describe('the policy of the queue', () => {
  const statements = (how: Announcing, changes: Parameters<typeof request>[0] = {}) =>
    policyOf('queue', policies(how, changes)).document.Statement

  test('lets SNS send for the topic', () => {
    expect(statements(announcing('sns'))).toEqual([
      {
        Sid: 'SendAnnouncementsB',
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ])
  })

  test('lets S3 send for the bucket of its owner', () => {
    expect(statements(announcing('s3'))[0]).toMatchObject({
      Principal: { Service: 's3.amazonaws.com' },
      Condition: {
        ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::logs' },
        StringEquals: { 'aws:SourceAccount': accountA },
      },
    })
  })

  test('lets the role of the rule send from another account, and EventBridge from the same account', () => {
    expect(statements(announcing('eventbridge'))[0]).toMatchObject({
      Principal: { AWS: 'arn:aws:iam::111111111111:role/crosstrail-rule-B' },
    })
    const queues = queueOfA
    expect(statements(announcing('eventbridge'), { queues })[0]).toMatchObject({
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:events:us-east-1:111111111111:rule/crosstrail-B' } },
    })
    expect(policies(announcing('eventbridge'), { queues }).map(({ kind }) => kind)).not.toContain('rule-trust')
  })

  test('lets the caller receive only if the queue belongs to another account', () => {
    const queues = queueOfA
    expect(statements(announcing('sns'), { queues })[1]).toMatchObject({
      Sid: 'ReceiveAnnouncementsB',
      Principal: { AWS: root },
      Resource: 'arn:aws:sqs:us-east-1:111111111111:new-logs',
    })
    const caller = 'arn:aws:iam::222222222222:role/Reader'
    expect(statements(announcing('sns'), { queues, callers: new Map([['B', caller]]) })[1]).toMatchObject({
      Principal: { AWS: caller },
    })
  })

  test('is one policy for two accounts that share a queue', () => {
    const all = policies(announcing('s3'), { accounts: [sharingB(), sharingB({ label: 'C' })] })
    const shared = all.filter(({ kind }) => kind === 'queue')
    expect(shared.map(({ accounts }) => accounts)).toEqual([['B', 'C']])
  })
})

test.each([
  ['sns', { Service: 'sns.amazonaws.com' }],
  ['cloudtrail', { Service: 'sns.amazonaws.com' }],
  ['s3', { Service: 's3.amazonaws.com' }],
  ['eventbridge', { AWS: 'arn:aws:iam::111111111111:role/crosstrail-rule-B' }],
] as const)('with %s, the key of the queue lets its sender encrypt and its reader decrypt', (way, sender) => {
  const key = policyOf('queue-key', policies(announcing(way, { queueKeyArn })))
  expect(key).toMatchObject({ attachTo: queueKeyArn, inAccount: '222222222222', side: 'caller' })
  expect(key.document.Statement).toMatchObject([
    { Principal: sender, Action: ['kms:GenerateDataKey*', 'kms:Decrypt'], Resource: '*' },
    { Principal: { AWS: root }, Action: 'kms:Decrypt', Resource: '*' },
  ])
})

test('the role of a rule may send to the queue, and encrypt with its key', () => {
  const role = policyOf('rule-role', policies(announcing('eventbridge', { queueKeyArn })))
  expect(role).toMatchObject({ inAccount: accountA, side: 'owner' })
  expect(role.document.Statement).toMatchObject([
    { Action: 'sqs:SendMessage', Resource: queueArn },
    { Action: ['kms:GenerateDataKey*', 'kms:Decrypt'], Resource: queueKeyArn },
  ])
})

test('the topic lets the bucket publish, and the owner of the queue subscribe that queue only', () => {
  expect(policyOf('topic', policies(announcing('sns'))).document.Statement).toEqual([
    {
      Sid: 'PublishAnnouncements',
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: topicArn,
      Condition: {
        ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::logs' },
        StringEquals: { 'aws:SourceAccount': accountA },
      },
    },
    {
      Sid: 'SubscribeQueueB',
      Effect: 'Allow',
      Principal: { AWS: root },
      Action: 'sns:Subscribe',
      Resource: topicArn,
      Condition: { StringEquals: { 'sns:Protocol': 'sqs', 'sns:Endpoint': queueArn } },
    },
  ])
})

test('the topic of a trail lets only that trail publish, and its key lets CloudTrail encrypt', () => {
  const topicKeyArn = 'arn:aws:kms:us-east-1:111111111111:key/2-b'
  const all = policies(announcing('cloudtrail', { topicKeyArn }))
  expect(policyOf('topic', all).document.Statement[0]).toMatchObject({
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Condition: { StringEquals: { 'aws:SourceArn': trailArn } },
  })
  expect(policyOf('topic-key', all).document.Statement[0]).toMatchObject({
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: ['kms:GenerateDataKey*', 'kms:Decrypt'],
  })
})

describe('settings', () => {
  const settings = (how: Announcing, changes: Parameters<typeof request>[0] = {}) =>
    announcingSettings(asked(how, changes))

  test('with sns: one notification for all accounts, and a subscription for each, with a filter unless it reads all', () => {
    const accounts = [sharingB(), sharingB({ label: 'Z', reads: 'all' })]
    const [forB, forZ, notification] = settings(announcing('sns'), { accounts })
    expect(forB).toMatchObject({
      kind: 'subscription',
      inAccount: '222222222222',
      side: 'caller',
      document: {
        TopicArn: topicArn,
        Protocol: 'sqs',
        Endpoint: queueArn,
        Attributes: {
          RawMessageDelivery: 'true',
          FilterPolicyScope: 'MessageBody',
          FilterPolicy: '{"Records":{"s3":{"object":{"key":[{"prefix":"AWSLogs/222222222222/"}]}}}}',
        },
      },
    })
    expect(forZ?.document['Attributes']).toEqual({ RawMessageDelivery: 'true' })
    expect(notification?.document).toEqual({
      TopicConfigurations: [
        {
          Id: 'crosstrail',
          TopicArn: topicArn,
          Events: ['s3:ObjectCreated:*'],
          Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'AWSLogs/' }] } },
        },
      ],
    })
  })

  test('a subscription has no filter if S3 writes the prefix differently in announcements, or if SNS could not take it', () => {
    const trail = { bucket: 'logs', owner: accountA, region: 'us-east-1', prefix: 'a b' }
    const reads = Array.from({ length: 151 }, (_, index) => String(index).padStart(12, '0') as never)
    const [odd] = settings(announcing('sns'), { trail })
    const [many] = settings(announcing('sns'), { accounts: [sharingB({ reads })] })
    expect([odd, many].map((one) => one?.document['Attributes'])).toEqual([
      { RawMessageDelivery: 'true' },
      { RawMessageDelivery: 'true' },
    ])
  })

  test('with s3: a notification for each log account', () => {
    const reads = ['222222222222', '333333333333'] as never
    const [notification] = settings(announcing('s3'), { accounts: [sharingB({ reads })] })
    const rule = (Value: string) => ({ Key: { FilterRules: [{ Name: 'prefix', Value }] } })
    expect(notification?.document['QueueConfigurations']).toMatchObject([
      { Id: 'crosstrail-B', QueueArn: queueArn, Filter: rule('AWSLogs/222222222222/') },
      { Id: 'crosstrail-B-2', QueueArn: queueArn, Filter: rule('AWSLogs/333333333333/') },
    ])
  })

  test('with eventbridge: a rule whose target has a role only for a queue of another account', () => {
    const [rule, notification] = settings(announcing('eventbridge'))
    expect(rule?.document).toEqual({
      Name: 'crosstrail-B',
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: ['logs'] }, object: { key: [{ prefix: 'AWSLogs/222222222222/' }] } },
      },
      Targets: [{ Id: 'crosstrail-B', Arn: queueArn, RoleArn: 'arn:aws:iam::111111111111:role/crosstrail-rule-B' }],
    })
    expect(notification?.document).toEqual({ EventBridgeConfiguration: {} })
    const [own] = settings(announcing('eventbridge'), { queues: queueOfA })
    expect(own?.document['Targets']).toEqual([
      { Id: 'crosstrail-B', Arn: 'arn:aws:sqs:us-east-1:111111111111:new-logs' },
    ])
  })

  test('with cloudtrail: the trail gets the topic, and the bucket gets no notification', () => {
    const [subscription, trail, more] = settings(announcing('cloudtrail'))
    expect(subscription?.document['Attributes']).toMatchObject({
      FilterPolicy: '{"s3ObjectKey":[{"prefix":"AWSLogs/222222222222/"}]}',
    })
    expect(trail).toMatchObject({ kind: 'trail-topic', document: { Name: trailArn, SnsTopicName: topicArn } })
    expect(more).toBeUndefined()
  })
})

describe('checking', () => {
  const check = (kind: SharingKind, statement: object) =>
    checkPolicy(
      readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: [statement] })),
      policyOf(kind, policies(announcing('sns'))),
    ).map(({ kind: found, message }) => `${found}: ${message}`)
  const send = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
  }

  test('a queue that SNS may use for any topic is too wide', () => {
    expect(check('queue', send)).toEqual([
      'wide: the condition on aws:SourceArn is missing or too wide: others can make the service send (confused deputy)',
    ])
  })

  test('a queue that lets in another topic lacks ours', () => {
    const Condition = { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:us-east-1:111111111111:other' } }
    expect(check('queue', { ...send, Condition })[0]).toContain(
      `missing: sqs:SendMessage on ${queueArn} for Service:sns.amazonaws.com with aws:SourceArn is not allowed`,
    )
  })

  test('a statement that requires a service as principal allows a service', () => {
    const Condition = { ArnEquals: { 'aws:SourceArn': topicArn }, Bool: { 'aws:PrincipalIsAWSService': 'true' } }
    expect(check('queue', { ...send, Condition })).toEqual([])
  })

  test('the statement that SNS gives every topic for its own account is not too wide', () => {
    const ofOwner = {
      Sid: '__default_statement_ID',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: ['SNS:Publish', 'SNS:Subscribe', 'SNS:DeleteTopic'],
      Resource: topicArn,
      Condition: { StringEquals: { 'AWS:SourceOwner': '111111111111' } },
    }
    expect(check('topic', ofOwner).filter((line) => line.startsWith('wide'))).toEqual([])
    const ofAnother = { ...ofOwner, Condition: { StringEquals: { 'AWS:SourceOwner': '999999999999' } } }
    expect(check('topic', ofAnother).filter((line) => line.startsWith('wide'))).not.toEqual([])
  })

  test('rights of the caller on its other queues are not judged, and a wildcard on ours is', () => {
    const other = { Effect: 'Allow', Action: 'sqs:*', Resource: 'arn:aws:sqs:us-east-1:222222222222:other' }
    expect(check('caller', other).filter((line) => line.startsWith('wide'))).toEqual([])
    expect(check('caller', { ...other, Resource: '*' }).filter((line) => line.startsWith('wide'))).not.toEqual([])
  })
})
