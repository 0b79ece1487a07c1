import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openApp } from '../../../src/app/open-crosstrail.ts'
import { labAccounts, labBucket, labRoles } from '../../../src/lab/fixture.ts'
import type { BucketNotifications } from '../../../src/lab/notification-rule.ts'
import type { Queue, QueueOptions } from '../../../src/lab/sqs/stored-queue.ts'
import { applyFixes } from './apply-fix.ts'
import { adds, config, shortFix, words } from './expected-fix.ts'
import {
  type AccountEntry,
  type DoctorWorld,
  doctorWorld,
  entryB,
  entryZ,
  statusesOf,
  type ToldStep,
} from './doctor-world.ts'
import { runCli } from '../../cli/host.ts'
import { keepLab, tracesIn } from './kept-lab.ts'
import type { StepName } from '../../../src/verbs/doctor/step.ts'

const topicArn = `arn:aws:sns:us-east-1:${labAccounts.A}:new-logs`
const queueArn = `arn:aws:sqs:us-east-1:${labAccounts.B}:new-logs`
const bUser = `arn:aws:iam::${labAccounts.B}:user/b-audit`
const readerActions = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes',
]

const fromSns = {
  Effect: 'Allow' as const,
  Principal: { Service: 'sns.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: queueArn,
  Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
}
const toTopic: BucketNotifications = { rules: [{ id: 'ours', to: { topic: topicArn }, prefix: 'AWSLogs/' }] }

let world: DoctorWorld
let restore: () => void
let queue: Queue

beforeAll(async () => {
  world = await doctorWorld()
})
beforeEach(() => {
  const { lab } = world
  const putBack = keepLab(lab)
  const { notifications } = lab.bucket()
  restore = () => {
    putBack()
    lab.bucket().notifications = notifications
  }
  const { user } = lab.principals.bAudit
  user.policies = [...user.policies, { Statement: { Effect: 'Allow', Action: readerActions, Resource: '*' } }]
  const { policies } = roleB()
  roleB().policies = [
    ...policies,
    { Statement: { Effect: 'Allow', Action: 's3:GetBucketNotification', Resource: '*' } },
  ]
  lab.bucket().notifications = toTopic
  queue = newQueue()
})
afterEach(() => restore())
afterAll(() => world.stop())

function roleB() {
  const role = world.lab.iam.role(labRoles.B)
  if (role === undefined) throw new Error('the lab has no role for B')
  return role
}

function newQueue(options: QueueOptions = {}): Queue {
  const deadLetter = world.lab.queues.create('dead-letters', { account: labAccounts.B })
  return world.lab.queues.create('new-logs', {
    account: labAccounts.B,
    policy: { Statement: [fromSns] },
    redrive: { deadLetter, maxReceives: 5 },
    ...options,
  })
}

function withQueue(entry: AccountEntry = entryB, url: string = queue.url): AccountEntry {
  return { ...entry, sqs: { url, region: 'us-east-1' } }
}

async function examine(entry: AccountEntry = withQueue()) {
  world.lab.requests.clear()
  const examined = await world.examine({ B: entry })
  expect(tracesIn(world.lab)).toEqual([])
  const keys = Object.values(world.lab.principals).map(({ secretAccessKey }) => secretAccessKey)
  const printed = `${examined.stdout}${examined.stderr}`
  expect([...world.lab.issuedSecrets(), ...keys].filter((secret) => printed.includes(secret))).toEqual([])
  return examined
}

async function told(step: StepName, entry?: AccountEntry): Promise<ToldStep> {
  const examined = await examine(entry)
  const found = examined.of('B')[step]
  if (found === undefined) throw new Error(`no ${step}: ${examined.stdout}`)
  return found
}

test('passes for a queue that a topic of the bucket announces to, and receives nothing', async () => {
  queue.send('waiting')
  const examined = await examine()
  expect(examined.code).toBe(0)
  expect(statusesOf(examined, 'B').slice(6, 10)).toEqual(['settings skipped', 'announces ok', 'queue ok', 'sender ok'])
  const { announces, queue: found, sender } = examined.of('B')
  expect(announces?.message).toBe(
    `${labBucket} announces the account's logs to ${topicArn}; whether the queue is subscribed is not known`,
  )
  expect(found?.message).toBe(
    `${queueArn}: 1 waiting, 0 in use; keeps messages for 4 days; whether it may be received from is not known, because doctor receives nothing`,
  )
  expect(found?.facts).toMatchObject({ visible: 1, visibilitySeconds: 30, retentionSeconds: 345_600, maxReceives: 5 })
  expect(sender?.message).toBe(`the policy of the queue lets in SNS for ${topicArn}`)
  expect(world.lab.requests.recent().map(({ operation }) => operation)).not.toContain('ReceiveMessage')
  expect(queue.counts.visible).toBe(1)
})

test('checks nothing of queues for an account without one', async () => {
  const examined = await examine(entryB)
  expect(examined.of('B')).not.toHaveProperty('queue')
  expect(examined.of('B')).not.toHaveProperty('announces')
})

test('takes the queue of the command line', async () => {
  const args = `--sqs ${queue.url} --sqs-region us-east-1`
  const examined = await world.examine({ B: entryB }, { args })
  expect(examined.of('B').queue).toMatchObject({ status: 'ok' })
  const two = await world.examine({ B: entryB, Z: entryZ }, { args })
  expect(two.code).toBe(2)
  expect(two.stderr).toContain('--sqs needs exactly one account')
})

test('the commands that it prints run as printed', async () => {
  world.lab.bucket().notifications = undefined
  queue = newQueue({ policy: undefined, kmsKeyArn: 'alias/aws/sqs' })
  const examined = await examine()
  const texts = examined.steps.flatMap(({ fixes }) => fixes.map(({ does }) => does))
  const commands = texts.flatMap((text) => /crosstrail (policy [^()]*)/.exec(text)?.[1] ?? [])
  expect(commands).toHaveLength(3)
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-doctor-queue-'))
  const file = join(folder, 'crosstrail.json')
  const trail = { bucket: labBucket, owner: labAccounts.A, region: 'us-east-1' }
  writeFileSync(file, JSON.stringify({ trail, accounts: { B: withQueue() } }))
  for (const command of commands) {
    const line = command.trim().replace('<arn>', `arn:aws:kms:us-east-1:${labAccounts.B}:key/1-a`)
    expect(await runCli(`${line} --config ${file}`, { services: openApp })).toMatchObject({ code: 0 })
  }
  rmSync(folder, { recursive: true })
})

describe('announces', () => {
  test('is not known if the role may not read it, and the statement to add makes it known', async () => {
    const { policies } = roleB()
    roleB().policies = policies.slice(0, -1)
    const { status, message, fixes } = await told('announces')
    expect(status).toBe('skipped')
    expect(message).toContain('s3:GetBucketNotification is not allowed, and only doctor uses it')
    expect(fixes.map(shortFix)).toEqual([
      adds('role', labRoles.B, { Action: 's3:GetBucketNotification', Resource: `arn:aws:s3:::${labBucket}` }),
    ])
    expect((await told('sender')).message).toBe(
      'the policy of the queue lets in sns.amazonaws.com; whether these announce the logs is not known',
    )
    applyFixes(world.lab, fixes)
    expect((await told('announces')).status).toBe('ok')
  })

  test.each<[string, BucketNotifications | undefined]>([
    ['without notifications', undefined],
    [
      'that announces only deletions',
      { rules: [{ id: 'x', to: { topic: topicArn }, events: ['s3:ObjectRemoved:*'] }] },
    ],
    ['that announces another folder', { rules: [{ id: 'x', to: { topic: topicArn }, prefix: 'other/' }] }],
    ['that announces other files', { rules: [{ id: 'x', to: { topic: topicArn }, suffix: '.csv' }] }],
    ['that announces to another queue', { rules: [{ id: 'x', to: { queue: `${queueArn}-2` } }] }],
  ])('warns of a bucket %s, and says what to run', async (_, notifications) => {
    world.lab.bucket().notifications = notifications
    const { status, code, sides, message, fixes } = await told('announces')
    expect({ status, code, sides }).toEqual({ status: 'warning', code: 'trail.not-announced', sides: ['owner'] })
    expect(message).toContain('nothing comes to the queue, unless the trail itself announces its logs to a topic')
    expect(fixes.map(shortFix)).toEqual([
      words('owner', `crosstrail policy B --sqs ${queue.url} --sqs-region us-east-1 --kind notification`),
    ])
  })

  test('passes for the queue itself, for EventBridge, and for the folder of the account only', async () => {
    const prefix = `AWSLogs/${labAccounts.B}/`
    world.lab.bucket().notifications = { rules: [{ id: 'x', to: { queue: queueArn }, prefix, suffix: '.gz' }] }
    expect((await told('announces')).message).toBe(`${labBucket} announces the account's logs to the queue`)
    world.lab.bucket().notifications = { rules: [], eventBridge: true }
    expect(await told('announces')).toMatchObject({ status: 'ok', facts: { eventBridge: true } })
  })

  test('warns if the bucket announces only some of the log accounts that the account reads', async () => {
    const rule = { id: 'x', to: { topic: topicArn }, prefix: `AWSLogs/${labAccounts.B}/` }
    world.lab.bucket().notifications = { rules: [rule] }
    const { status, message } = await told('announces', withQueue({ ...entryB, reads: [labAccounts.B, labAccounts.C] }))
    expect(status).toBe('warning')
    expect(message).toContain(`does not announce all of AWSLogs/${labAccounts.C}/CloudTrail/: `)
  })

  test('passes for a bucket that announces events and no digests', async () => {
    const rule = { id: 'x', to: { topic: topicArn }, prefix: `AWSLogs/${labAccounts.B}/CloudTrail/` }
    world.lab.bucket().notifications = { rules: [rule] }
    expect((await told('announces')).status).toBe('ok')
  })

  test('warns an account that reads all logs of a bucket that announces those of one account', async () => {
    const rule = { id: 'x', to: { topic: topicArn }, prefix: `AWSLogs/${labAccounts.B}/` }
    world.lab.bucket().notifications = { rules: [rule] }
    const statement = { Effect: 'Allow' as const, Action: ['s3:List*', 's3:Get*'], Resource: '*' }
    roleB().policies = [{ Statement: statement }]
    const { status, message } = await told('announces', withQueue({ ...entryB, reads: 'all' }))
    expect(status).toBe('warning')
    expect(message).toContain('does not announce all of AWSLogs/: ')
  })
})

describe('queue', () => {
  test('fails for a queue that does not exist', async () => {
    const { status, code, fixes } = await told('queue', withQueue(entryB, queue.url.replace('new-logs', 'old')))
    expect({ status, code }).toEqual({ status: 'failed', code: 'queue.not-found' })
    expect(fixes.map(shortFix)).toEqual([config('accounts.B.sqs')])
    expect((await examine(withQueue(entryB, `${queue.url}-2`))).code).toBe(3)
  })

  test('prints the statement that a caller lacks, and passes after it was added', async () => {
    const { user } = world.lab.principals.bAudit
    user.policies = user.policies.slice(0, -1)
    const { code, sides, tried, fixes } = await told('queue')
    expect({ code, sides }).toEqual({ code: 'queue.denied', sides: ['caller'] })
    expect(tried).toBe(`GetQueueAttributes of ${queueArn} with the credentials to start with`)
    expect(fixes.map(shortFix)).toEqual([adds('caller', bUser, { Action: readerActions, Resource: queueArn })])
    applyFixes(world.lab, fixes)
    expect((await told('queue')).status).toBe('ok')
  })

  test("prints the statements of both sides for another account's queue, and passes after both were added", async () => {
    const { user } = world.lab.principals.bAudit
    user.policies = user.policies.slice(0, -1)
    const deadLetter = world.lab.queues.create('dead-letters')
    const ofA = world.lab.queues.create('shared', { redrive: { deadLetter, maxReceives: 5 } })
    const { code, sides, fixes } = await told('queue', withQueue(entryB, ofA.url))
    expect({ code, sides }).toEqual({ code: 'queue.denied', sides: ['caller', 'owner'] })
    const allows = { Action: readerActions, Resource: ofA.arn }
    expect(fixes.map(shortFix)).toEqual([
      adds('caller', bUser, allows),
      adds('queue', ofA.arn, { Principal: { AWS: bUser }, ...allows }),
    ])
    applyFixes(world.lab, fixes)
    expect((await told('queue', withQueue(entryB, ofA.url))).status).toBe('ok')
  })

  test.each<[string, QueueOptions, string, string]>([
    ['has no dead-letter queue', { redrive: undefined }, 'queue.no-dead-letters', 'create a dead-letter queue'],
    [
      'drops messages within a day',
      { retentionSeconds: 3_600 },
      'queue.short-retention',
      '--attributes MessageRetentionPeriod=345600',
    ],
    [
      'has a key of AWS',
      { kmsKeyArn: 'alias/aws/sqs' },
      'queue.aws-key',
      '{"KmsMasterKeyId":"","SqsManagedSseEnabled":"true"}',
    ],
  ])('warns of a queue that %s', async (_, options, code, fix) => {
    queue = newQueue(options)
    const found = await told('queue')
    expect(found).toMatchObject({ status: 'warning', code, sides: ['caller'] })
    expect(found.fixes.map(shortFix)).toEqual([words('caller', fix)])
    expect((await examine()).code).toBe(0)
  })

  test('warns of a queue that moves a message to the dead letters after one receive', async () => {
    const deadLetter = world.lab.queues.get('dead-letters', labAccounts.B)
    queue = newQueue({ redrive: { deadLetter, maxReceives: 1 } })
    expect(await told('queue')).toMatchObject({ status: 'warning', code: 'queue.few-receives' })
  })

  test('reports all problems of a queue at once', async () => {
    queue = newQueue({ redrive: undefined, retentionSeconds: 3_600 })
    const { message, fixes } = await told('queue')
    expect(message).toContain('it has no dead-letter queue')
    expect(message).toContain('it drops announcements that nobody receives within a day')
    expect(fixes).toHaveLength(2)
  })
})

describe('sender', () => {
  test('fails for a queue that lets nobody in, and passes after the printed statement was added', async () => {
    queue = newQueue({ policy: undefined })
    const { status, code, message, fixes } = await told('sender')
    expect({ status, code }).toEqual({ status: 'failed', code: 'queue.no-sender' })
    expect(message).toBe(
      `the policy of the queue lets in no sender, and not SNS for ${topicArn}: announcements are lost`,
    )
    expect(fixes.map(shortFix)).toEqual([
      {
        queue: queueArn,
        statement: {
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: queueArn,
          Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
        },
      },
    ])
    applyFixes(world.lab, fixes)
    expect((await told('sender')).status).toBe('ok')
  })

  test('fails for a queue that does not let in S3, although the bucket announces to it', async () => {
    world.lab.bucket().notifications = { rules: [{ id: 'x', to: { queue: queueArn } }] }
    const { status, fixes, message } = await told('sender')
    expect(status).toBe('failed')
    expect(message).toContain(`lets in only sns.amazonaws.com, and not S3 for ${labBucket}`)
    applyFixes(world.lab, fixes)
    expect((await told('sender')).message).toBe(`the policy of the queue lets in S3 for ${labBucket}`)
  })

  test('warns of a queue that lets in another topic only: the topic of the trail may announce', async () => {
    const Condition = { ArnEquals: { 'aws:SourceArn': `${topicArn}-of-the-trail` } }
    queue = newQueue({ policy: { Statement: [{ ...fromSns, Condition }] } })
    expect(await told('sender')).toMatchObject({ status: 'warning', code: 'queue.no-sender' })
  })

  test('passes for a rule of EventBridge with any role, and warns if only SNS is let in', async () => {
    world.lab.bucket().notifications = { rules: [], eventBridge: true }
    expect(await told('sender')).toMatchObject({ status: 'warning', code: 'queue.no-sender' })
    const Principal = { AWS: `arn:aws:iam::${labAccounts.A}:role/any` }
    queue = newQueue({ policy: { Statement: [{ Effect: 'Allow', Principal, Action: 'sqs:*', Resource: queueArn }] } })
    expect(await told('sender')).toMatchObject({ status: 'ok' })
  })

  test('is not known if the policy has a condition that only AWS can judge', async () => {
    const Condition = { ...fromSns.Condition, StringEquals: { 'aws:SourceAccount': labAccounts.A } }
    queue = newQueue({ policy: { Statement: [{ ...fromSns, Condition }] } })
    const { status, message } = await told('sender')
    expect(status).toBe('skipped')
    expect(message).toContain('it has a condition that only AWS can judge')
  })

  test('warns of a queue that denies what it allows', async () => {
    queue = newQueue({
      policy: { Statement: [fromSns, { ...fromSns, Effect: 'Deny', Condition: {} }] },
    })
    expect(await told('sender')).toMatchObject({ status: 'warning', code: 'queue.no-sender' })
  })

  test('does not count the statement that SQS gives every queue for its own account', async () => {
    const Principal = { AWS: `arn:aws:iam::${labAccounts.B}:root` }
    queue = newQueue({ policy: { Statement: [{ Effect: 'Allow', Principal, Action: 'sqs:*', Resource: queueArn }] } })
    expect(await told('sender')).toMatchObject({ status: 'failed', code: 'queue.no-sender' })
  })

  test('says what to run if neither the topic nor the sender is known', async () => {
    world.lab.bucket().notifications = undefined
    queue = newQueue({ policy: undefined })
    const { fixes } = await told('sender')
    expect(fixes.map(shortFix)).toEqual([words('caller', `--sqs ${queue.url} --sqs-region us-east-1 --kind queue`)])
  })
})

test('checks the queue also with sessions that are not narrowed', async () => {
  const examined = await world.examine({ B: withQueue() }, { args: '--no-session-policy' })
  expect(examined.of('B').queue).toMatchObject({ status: 'ok' })
})
