import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import { parse as parseHcl } from '@cdktf/hcl2json'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { policyCloudFormationLines } from '../../../src/cli/render/policy-cloudformation.ts'
import { policyShellLines } from '../../../src/cli/render/policy-shell.ts'
import { policyTerraformLines } from '../../../src/cli/render/policy-terraform.ts'
import type { PolicySet } from '../../../src/verbs/policy/policies.ts'
import { queueSet } from './policy-set.ts'

const trailArn = 'arn:aws:cloudtrail:us-east-1:111111111111:trail/t'
const topicArn = 'arn:aws:sns:us-east-1:111111111111:crosstrail-new-logs'
const keys = {
  sqsKeyArn: 'arn:aws:kms:us-east-1:444444444444:key/1-a',
  topicKeyArn: 'arn:aws:kms:us-east-1:111111111111:key/2-b',
}
const A = '111111111111' as never
const B = '222222222222' as never

describe('cli', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crosstrail-policy-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs the script with an `aws` that records its arguments and gives these answers to calls. */
  function run(set: PolicySet, answers: Readonly<Record<string, string | number>> = {}) {
    const calls = join(folder, 'calls')
    rmSync(calls, { force: true })
    const aws = `#!${process.execPath}
const args = process.argv.slice(2)
require('node:fs').appendFileSync(${JSON.stringify(calls)}, JSON.stringify(args) + '\\n')
const answers = { 'get-caller-identity': ${JSON.stringify(set.policies[0]?.inAccount ?? set.settings[0]?.inAccount)}, ...${JSON.stringify(answers)} }
const answer = answers[args[1]]
if (typeof answer === 'number') { console.error('refused'); process.exit(answer) }
if (answer !== undefined) console.log(answer)
`
    writeFileSync(join(folder, 'aws'), aws, { mode: 0o755 })
    const script = join(folder, 'script.sh')
    writeFileSync(script, `${policyShellLines(set).join('\n')}\n`)
    const { status, stderr } = spawnSync('sh', [script], {
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      encoding: 'utf8',
    })
    const lines = existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : []
    return { status, stderr, calls: lines.map((line) => JSON.parse(line) as string[]) }
  }

  function option(calls: readonly (readonly string[])[], call: string, name: string): string | undefined {
    const found = calls.find(([, each]) => each === call)
    return found?.[found.indexOf(name) + 1]
  }

  const other = { Sid: 'Other', Effect: 'Allow', Principal: { AWS: '222222222222' }, Action: 'sqs:*', Resource: '*' }
  const queueOnly = () => queueSet({ accounts: ['B'], kinds: ['queue'], inAccount: B })

  test.each(['', 'None'])('adds a policy to a queue that has none (%j)', (none) => {
    const { status, calls } = run(queueOnly(), { 'get-queue-attributes': none })
    expect(status).toBe(0)
    const written = JSON.parse(option(calls, 'set-queue-attributes', '--attributes') ?? '{}') as { Policy: string }
    expect(JSON.parse(written.Policy)).toEqual(queueOnly().policies[0]?.document)
  })

  test('keeps the other statements of a queue, and replaces its own', () => {
    const own = queueOnly().policies[0]?.document.Statement ?? []
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [other, { ...own[0], Action: 'old' }] })
    const { calls } = run(queueOnly(), { 'get-queue-attributes': Policy })
    const written = JSON.parse(option(calls, 'set-queue-attributes', '--attributes') ?? '{}') as { Policy: string }
    expect(JSON.parse(written.Policy)).toEqual({ Version: '2012-10-17', Statement: [other, ...own] })
  })

  test.each([
    ['queue', 'get-queue-attributes', B],
    ['topic', 'get-topic-attributes', A],
    ['notification', 'get-bucket-notification-configuration', A],
  ] as const)('writes nothing if the %s cannot be read', (kind, call, inAccount) => {
    const { status, calls } = run(queueSet({ accounts: ['B'], kinds: [kind], inAccount }), { [call]: 254 })
    expect(status).not.toBe(0)
    expect(calls.map(([, each]) => each).filter((each) => /^(?:put|set)-/.test(each ?? ''))).toEqual([])
  })

  test('creates a topic only if nobody named one, and keeps its other statements', () => {
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [other] })
    const asked = { accounts: ['B'], kinds: ['topic' as const] }
    const created = run(queueSet(asked), { 'get-topic-attributes': Policy })
    expect(created.status).toBe(0)
    expect(option(created.calls, 'create-topic', '--name')).toBe('crosstrail-new-logs')
    const written = JSON.parse(option(created.calls, 'set-topic-attributes', '--attribute-value') ?? '{}') as {
      readonly Statement: readonly { readonly Sid: string }[]
    }
    expect(written.Statement.map(({ Sid }) => Sid)).toEqual(['Other', 'PublishAnnouncements', 'SubscribeQueueB'])
    const named = run(queueSet({ ...asked, topicArn: 'arn:aws:sns:us-east-1:111111111111:t' }), {
      'get-topic-attributes': Policy,
    })
    expect(named.calls.map(([, call]) => call)).not.toContain('create-topic')
  })

  test('subscribes the queue, and sets each attribute of the subscription', () => {
    const { status, calls } = run(queueSet({ accounts: ['B'], kinds: ['subscription'] }), { subscribe: 'arn:sub' })
    expect(status).toBe(0)
    expect(calls.slice(1).map((call) => call.slice(0, 2).concat(call.slice(4)))).toEqual([
      [
        'sns',
        'subscribe',
        '--topic-arn',
        topicArn,
        '--protocol',
        'sqs',
        '--notification-endpoint',
        'arn:aws:sqs:us-east-1:222222222222:new-logs',
        '--return-subscription-arn',
        '--query',
        'SubscriptionArn',
        '--output',
        'text',
      ],
      ...[
        ['RawMessageDelivery', 'true'],
        ['FilterPolicyScope', 'MessageBody'],
        ['FilterPolicy', '{"Records":{"s3":{"object":{"key":[{"prefix":"AWSLogs/222222222222/"}]}}}}'],
      ].map(([name, value]) => [
        'sns',
        'set-subscription-attributes',
        '--subscription-arn',
        'arn:sub',
        '--attribute-name',
        name,
        '--attribute-value',
        value,
      ]),
    ])
  })

  test('keeps the other notifications of the bucket, and replaces its own', () => {
    const lambda = { Id: 'scan', LambdaFunctionArn: 'arn:aws:lambda:us-east-1:111111111111:function:f', Events: [] }
    const theirs = { Id: 'theirs', TopicArn: 'arn:aws:sns:us-east-1:111111111111:theirs', Events: [] }
    const existing = {
      LambdaFunctionConfigurations: [lambda],
      TopicConfigurations: [theirs, { Id: 'crosstrail', TopicArn: 'arn:aws:sns:us-east-1:111111111111:old' }],
    }
    const set = queueSet({ kinds: ['notification'] })
    const answers = { 'get-bucket-notification-configuration': JSON.stringify(existing) }
    const { status, calls } = run(set, answers)
    expect(status).toBe(0)
    const written = option(calls, 'put-bucket-notification-configuration', '--notification-configuration')
    const ours = set.settings[0]?.document['TopicConfigurations'] as readonly unknown[]
    expect(JSON.parse(written ?? '{}')).toEqual({
      LambdaFunctionConfigurations: [lambda],
      TopicConfigurations: [theirs, ...ours],
    })
  })

  test('turns on EventBridge for a bucket without notifications, and checks that the target was taken', () => {
    const set = queueSet({ accounts: ['B'], kinds: ['rule', 'notification'], sqsVia: 'eventbridge' })
    const done = run(set, { 'put-targets': '0' })
    expect(done.status).toBe(0)
    const written = option(done.calls, 'put-bucket-notification-configuration', '--notification-configuration')
    expect(JSON.parse(written ?? '')).toEqual({ EventBridgeConfiguration: {} })
    expect(JSON.parse(option(done.calls, 'put-targets', '--targets') ?? '')).toEqual(
      set.settings[0]?.document['Targets'],
    )
    const refused = run(set, { 'put-targets': '1' })
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain('EventBridge refused the target of rule crosstrail-B')
  })

  test('gives the trail its topic', () => {
    const set = queueSet({ accounts: ['B'], kinds: ['trail-topic'], sqsVia: 'cloudtrail', trailArn })
    const { status, calls } = run(set)
    expect(status).toBe(0)
    expect(option(calls, 'update-trail', '--sns-topic-name')).toBe(topicArn)
  })
})

type Blocks = Readonly<Record<string, Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>>>

async function terraform(set: PolicySet): Promise<{ readonly resource: Blocks; readonly variable?: Blocks[string] }> {
  return (await parseHcl('policy.tf', policyTerraformLines(set).join('\n'))) as never
}

describe('terraform', () => {
  test('is HCL for every way', async () => {
    const types = async (set: PolicySet) =>
      Object.keys((await terraform(set)).resource).filter((type) => !type.startsWith('aws_iam_'))
    expect(await types(queueSet(keys))).toEqual([
      'aws_kms_key_policy',
      'aws_s3_bucket_notification',
      'aws_sns_topic',
      'aws_sns_topic_subscription',
      'aws_sqs_queue_policy',
    ])
    expect(await types(queueSet({ sqsVia: 'cloudtrail', trailArn, topicArn }))).toEqual([
      'aws_sns_topic_policy',
      'aws_sns_topic_subscription',
      'aws_sqs_queue_policy',
    ])
    expect(await types(queueSet({ sqsVia: 's3', accounts: ['Z'] }))).toEqual([
      'aws_s3_bucket_notification',
      'aws_sqs_queue_policy',
    ])
    expect(await types(queueSet({ sqsVia: 'eventbridge' }))).toEqual([
      'aws_cloudwatch_event_rule',
      'aws_cloudwatch_event_target',
      'aws_s3_bucket_notification',
      'aws_sqs_queue_policy',
    ])
  })

  test('the notification waits for the topic and the queue, and for somebody who says that there is no other', async () => {
    const { resource, variable } = await terraform(queueSet({ accounts: ['B'] }))
    const notification = resource['aws_s3_bucket_notification']?.['crosstrail_notification']?.[0]
    expect(notification).toMatchObject({
      depends_on: ['${aws_sns_topic.crosstrail_topic}', '${aws_sqs_queue_policy.crosstrail_queue_B}'],
      topic: [{ id: 'crosstrail', topic_arn: topicArn, events: ['s3:ObjectCreated:*'], filter_prefix: 'AWSLogs/' }],
      lifecycle: [{ precondition: [{ condition: '${var.crosstrail_notification_replaces_all_notifications}' }] }],
    })
    expect(variable).toHaveProperty('crosstrail_notification_replaces_all_notifications')
    expect(variable).toHaveProperty('crosstrail_queue_B_current_policy')
  })

  test('names the topic of a trail in a comment, because the resource of a trail is all of the trail', () => {
    const set = queueSet({ accounts: ['B'], kinds: ['trail-topic'], sqsVia: 'cloudtrail', trailArn })
    expect(policyTerraformLines(set)).toContain(`# sns_topic_name = "${topicArn}"`)
  })
})

interface Template {
  readonly Metadata?: { readonly AddByHand: readonly { readonly To: string }[] }
  readonly Resources: Readonly<
    Record<string, { Type: string; Properties: Readonly<Record<string, unknown>>; DependsOn?: readonly string[] }>
  >
}

describe('cloudformation', () => {
  const template = (set: PolicySet) => parse(policyCloudFormationLines(set).join('\n')) as Template

  test.each([
    ['sns', A],
    ['sns', B],
    ['s3', B],
    ['eventbridge', A],
    ['cloudtrail', A],
  ] as const)(
    'with %s, every resource for %s has an existing type, only its properties, and all required ones',
    (sqsVia, inAccount) => {
      const spec = loadAwsServiceSpecSync()
      const { Resources } = template(queueSet({ accounts: ['B'], sqsVia, inAccount, trailArn }))
      expect(Object.keys(Resources).length).toBeGreaterThan(0)
      for (const { Type, Properties, DependsOn = [] } of Object.values(Resources)) {
        const known = spec.lookup('resource', 'cloudFormationType', 'equals', Type).only().properties
        expect(Object.keys(Properties).filter((property) => !(property in known))).toEqual([])
        const required = Object.entries(known).filter(([, property]) => property.required === true)
        expect(required.filter(([property]) => !(property in Properties)).map(([property]) => property)).toEqual([])
        expect(DependsOn.filter((one) => !(one in Resources))).toEqual([])
      }
    },
  )

  test('policies of queues and existing topics, and the settings of buckets and trails, are made by hand', () => {
    const byHand = (set: PolicySet) => template(set).Metadata?.AddByHand.map(({ To }) => To)
    expect(byHand(queueSet({ accounts: ['B'], inAccount: A }))).toEqual([
      'the notifications of bucket example-cloudtrail-logs',
    ])
    expect(byHand(queueSet({ accounts: ['B'], inAccount: A, sqsVia: 'cloudtrail', trailArn, topicArn }))).toEqual([
      topicArn,
      trailArn,
    ])
    expect(byHand(queueSet({ accounts: ['B'], inAccount: B }))).toEqual(['arn:aws:sqs:us-east-1:222222222222:new-logs'])
  })
})
