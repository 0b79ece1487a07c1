import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { labAccounts } from '../../../src/lab/fixture.ts'
import { startLab } from '../../../src/lab/lab.ts'
import type { Queue } from '../../../src/lab/sqs/stored-queue.ts'
import { refusal, sqsAs } from '../lab-clients.ts'

let now = Date.UTC(2026, 10, 1)
const lab = await startLab({ now: () => now })
const { admin, bAudit } = lab.principals
const sqs = sqsAs(lab, admin)
// The lab's clock is not that of this machine.
sqs.config.systemClockOffset = now - Date.now()
afterAll(() => lab.stop())

let queue: Queue
beforeEach(() => {
  queue = lab.queues.create('logs')
  lab.setFaults({})
})

const receive = (input: Partial<ReceiveMessageCommandInput> = {}) =>
  sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages: 10, ...input }))
const bodiesOf = async (answer: ReturnType<typeof receive>) => ((await answer).Messages ?? []).map(({ Body }) => Body)
const receiptOf = async (input?: Partial<ReceiveMessageCommandInput>) =>
  (await receive(input)).Messages?.[0]?.ReceiptHandle ?? ''

test('gives out what was sent, with the attributes that are asked for', async () => {
  const sent = await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'a ü' }))
  now += 5_000
  const { Messages = [] } = await receive({ MessageSystemAttributeNames: ['All'], VisibilityTimeout: 0 })
  expect(Messages).toEqual([
    {
      MessageId: sent.MessageId,
      Body: 'a ü',
      MD5OfBody: sent.MD5OfMessageBody,
      ReceiptHandle: expect.any(String),
      Attributes: {
        SentTimestamp: String(now - 5_000),
        ApproximateFirstReceiveTimestamp: String(now),
        ApproximateReceiveCount: '1',
      },
    },
  ])
  now += 5_000
  const again = await receive({ AttributeNames: ['ApproximateReceiveCount' as 'All'] })
  expect(again.Messages?.[0]?.Attributes).toEqual({ ApproximateReceiveCount: '2' })
  expect(again.Messages?.[0]?.ReceiptHandle).not.toBe(Messages[0]?.ReceiptHandle)
})

test('gives out at most what is asked for, one without a number', async () => {
  for (const body of ['a', 'b', 'c']) queue.send(body)
  expect(await bodiesOf(receive({ MaxNumberOfMessages: undefined }))).toEqual(['a'])
  expect(await bodiesOf(receive({ MaxNumberOfMessages: 2 }))).toEqual(['b', 'c'])
})

test.each([
  [{ MaxNumberOfMessages: 11 }, 'MaxNumberOfMessages'],
  [{ MaxNumberOfMessages: 0 }, 'MaxNumberOfMessages'],
  [{ WaitTimeSeconds: 21 }, 'WaitTimeSeconds'],
  [{ VisibilityTimeout: 43_201 }, 'VisibilityTimeout'],
])('refuses %j', async (input, name) => {
  expect(await refusal(receive(input))).toMatchObject({ status: 400, message: expect.stringContaining(name) })
})

test('a message is invisible for the time of the queue, or for that of the receive', async () => {
  queue.send('a')
  await receive()
  now += 29_999
  expect(await bodiesOf(receive())).toEqual([])
  now += 1
  expect(await bodiesOf(receive({ VisibilityTimeout: 100 }))).toEqual(['a'])
  now += 99_999
  expect(queue.counts).toEqual({ visible: 0, inFlight: 1, delayed: 0 })
  now += 1
  expect(queue.counts).toEqual({ visible: 1, inFlight: 0, delayed: 0 })
})

test('a long poll waits for a message, and ends without one', async () => {
  setTimeout(() => queue.send('late'), 50)
  expect(await bodiesOf(receive({ WaitTimeSeconds: 20 }))).toEqual(['late'])
  const startMs = performance.now()
  expect(await bodiesOf(receive({ WaitTimeSeconds: 1 }))).toEqual([])
  expect(performance.now() - startMs).toBeGreaterThan(900)
})

test('the lab stops during a long poll', async () => {
  const other = await startLab()
  const { url } = other.queues.create('logs')
  const waiting = sqsAs(other, admin).send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }))
  const failed = waiting.then(
    () => 'answered',
    () => 'failed',
  )
  setTimeout(() => void other.stop(), 50)
  const startMs = performance.now()
  expect(await failed).toBe('failed')
  expect(performance.now() - startMs).toBeLessThan(10_000)
})

test('deletes with the last receipt, and with an older one it deletes nothing', async () => {
  queue.send('a')
  const [older, last] = [await receiptOf({ VisibilityTimeout: 0 }), await receiptOf({ VisibilityTimeout: 0 })]
  const remove = (ReceiptHandle: string) => sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }))
  await remove(older)
  expect(queue.bodies).toEqual(['a'])
  await remove(last)
  await remove(last)
  expect(queue.bodies).toEqual([])
  expect(await refusal(remove('foreign'))).toMatchObject({ status: 400, code: 'ReceiptHandleIsInvalid' })
})

test('changes the visibility of a message in flight, up to 12 hours after its first receive', async () => {
  queue.send('a')
  const ReceiptHandle = await receiptOf()
  const change = (VisibilityTimeout: number, handle = ReceiptHandle) =>
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queue.url, ReceiptHandle: handle, VisibilityTimeout }))
  await change(43_200)
  now += 10_000
  expect(await refusal(change(43_200))).toMatchObject({
    code: 'InvalidParameterValue',
    message: expect.stringContaining('beyond the limit [43200 seconds]'),
  })
  await change(0)
  expect(await refusal(change(10))).toMatchObject({
    message: expect.stringContaining('not available for visibility timeout change'),
  })
  expect(await refusal(change(10, 'foreign'))).toMatchObject({ code: 'ReceiptHandleIsInvalid' })
})

test('a batch answers for each entry', async () => {
  const { Successful = [] } = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: queue.url,
      Entries: [
        { Id: 'a', MessageBody: 'a' },
        { Id: 'b', MessageBody: 'b', DelaySeconds: 60 },
      ],
    }),
  )
  expect(Successful.map(({ Id }) => Id)).toEqual(['a', 'b'])
  expect(queue.counts).toEqual({ visible: 1, inFlight: 0, delayed: 1 })
  const ReceiptHandle = await receiptOf()
  const entries = [
    { Id: '1', ReceiptHandle },
    { Id: '2', ReceiptHandle: 'foreign' },
  ]
  const failed = [
    { Id: '2', Code: 'ReceiptHandleIsInvalid', Message: expect.stringContaining('not a valid'), SenderFault: true },
  ]
  const changed = await sqs.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl: queue.url,
      Entries: entries.map((entry) => ({ ...entry, VisibilityTimeout: 5 })),
    }),
  )
  expect(changed).toMatchObject({ Successful: [{ Id: '1' }], Failed: failed })
  const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries: entries }))
  expect(deleted).toMatchObject({ Successful: [{ Id: '1' }], Failed: failed })
  expect(queue.bodies).toEqual(['b'])
})

test.each([
  ['EmptyBatchRequest', []],
  ['BatchEntryIdsNotDistinct', ['1', '1']],
  ['InvalidBatchEntryId', ['a b']],
  ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, index) => String(index))],
])('%s', async (code, ids) => {
  const Entries = ids.map((Id) => ({ Id, ReceiptHandle: 'x' }))
  const call = sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries }))
  expect(await refusal(call)).toMatchObject({ status: 400, code })
})

test('refuses a message without a body, and one above 1 MiB', async () => {
  const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody }))
  expect(await refusal(send(''))).toMatchObject({ status: 400 })
  expect(await refusal(send('x'.repeat(1_048_577)))).toMatchObject({ message: expect.stringContaining('shorter than') })
  expect((await send('x'.repeat(1_048_576))).MessageId).toBeDefined()
})

test('a message that was received too often moves to the dead-letter queue', async () => {
  const deadLetter = lab.queues.create('dead')
  queue.redrive = { deadLetter, maxReceives: 2 }
  queue.send('poison')
  queue.send('good')
  expect(await bodiesOf(receive({ VisibilityTimeout: 0 }))).toEqual(['poison', 'good'])
  expect(await bodiesOf(receive({ VisibilityTimeout: 0, MaxNumberOfMessages: 1 }))).toEqual(['poison'])
  expect(await bodiesOf(receive())).toEqual(['good'])
  expect(deadLetter.bodies).toEqual(['poison'])
})

test('a message that nobody deletes is gone after the retention', async () => {
  queue = lab.queues.create('short', { retentionSeconds: 60 })
  queue.send('a')
  now += 59_999
  expect(queue.bodies).toEqual(['a'])
  now += 1
  expect(await bodiesOf(receive())).toEqual([])
})

test('gives out nothing above the number in flight: an error, or nothing to a long poll', async () => {
  queue = lab.queues.create('small', { mostInFlight: 1 })
  queue.send('a')
  queue.send('b')
  await receive({ MaxNumberOfMessages: 1 })
  expect(await refusal(receive())).toMatchObject({ code: 'OverLimit' })
  expect(await bodiesOf(receive({ WaitTimeSeconds: 1 }))).toEqual([])
})

test('finds queues by name', async () => {
  expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'logs' }))).QueueUrl).toBe(
    `${lab.endpoint}/111111111111/logs`,
  )
  expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'lo' }))).QueueUrls).toEqual([queue.url])
  expect(lab.queues.get('logs')).toBe(queue)
  expect(() => lab.queues.get('none')).toThrow('the lab has no queue none in account 111111111111')
})

test('answers the attributes that are asked for', async () => {
  const ask = (...AttributeNames: string[]) =>
    sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: AttributeNames as ['All'] }))
  expect((await ask('QueueArn', 'VisibilityTimeout')).Attributes).toEqual({
    QueueArn: 'arn:aws:sqs:us-east-1:111111111111:logs',
    VisibilityTimeout: '30',
  })
  expect((await ask('All')).Attributes).toMatchObject({ SqsManagedSseEnabled: 'true', MaximumMessageSize: '1048576' })
  expect(await refusal(ask('Other'))).toMatchObject({ code: 'InvalidAttributeName' })
})

test('a queue is found only in its region, and under its account', async () => {
  const get = (QueueUrl: string, region?: string) => {
    const client = sqsAs(lab, admin, region)
    client.config.systemClockOffset = now - Date.now()
    return refusal(client.send(new ReceiveMessageCommand({ QueueUrl })))
  }
  for (const [url, region] of [
    [queue.url, 'eu-west-1'],
    [queue.url.replace('111111111111', '222222222222'), 'us-east-1'],
    [`${queue.url}x`, 'us-east-1'],
  ] as const) {
    expect(await get(url, region)).toMatchObject({ status: 400, code: 'QueueDoesNotExist' })
  }
})

test('across accounts the policies of the caller and of the queue must allow', async () => {
  const client = sqsAs(lab, bAudit)
  client.config.systemClockOffset = now - Date.now()
  const ask = () => client.send(new ReceiveMessageCommand({ QueueUrl: queue.url }))
  const Statement = { Effect: 'Allow', Action: 'sqs:ReceiveMessage', Resource: queue.arn } as const
  expect(await refusal(ask())).toMatchObject({
    status: 403,
    code: 'AccessDenied',
    message: `User: ${bAudit.arn} is not authorized to perform: sqs:receivemessage on resource: ${queue.arn} because no identity-based policy allows the sqs:receivemessage action`,
  })
  bAudit.user.policies.push({ Version: '2012-10-17', Statement })
  expect(await refusal(ask())).toMatchObject({ message: expect.stringContaining('no resource-based policy') })
  const root = `arn:aws:iam::${labAccounts.B}:root`
  queue.policy = { Version: '2012-10-17', Statement: { ...Statement, Principal: { AWS: root } } }
  expect((await ask()).Messages).toBeUndefined()
  queue.policy = { Version: '2012-10-17', Statement: { ...Statement, Effect: 'Deny', Principal: '*' } }
  expect(await refusal(ask())).toMatchObject({
    message: expect.stringContaining('explicit deny in a resource-based policy'),
  })
  bAudit.user.policies.pop()
})

test('errors have the name of the older protocol in a header', async () => {
  const call = sqs.send(new ReceiveMessageCommand({ QueueUrl: `${queue.url}x` }))
  expect(await call.catch((error: { Code?: string }) => error.Code)).toBe('AWS.SimpleQueueService.NonExistentQueue')
})

test('is hit by faults only if a rule names it, and counts requests with their caller and fields', async () => {
  lab.requests.clear()
  lab.setFaults({ rules: [{ fault: 'internalError', probability: 1 }], slowDownAbovePerSecond: 0 })
  await receive({ MaxNumberOfMessages: 3 })
  expect(lab.requests.recent('ReceiveMessage')).toMatchObject([{ principal: admin.arn, status: 200 }])
  expect(lab.requests.recent()[0]?.query.get('MaxNumberOfMessages')).toBe('3')
  const throttled = { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' }
  lab.setFaults({ rules: [{ fault: throttled, probability: 1, operations: ['ReceiveMessage'] }] })
  expect(await refusal(receive())).toMatchObject({ status: 400, code: 'Throttling', message: 'Rate exceeded' })
})

test('refuses a policy that it cannot evaluate', () => {
  const Condition = { NumericLessThan: { 'aws:x': '1' } }
  const Statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*', Condition } as const
  expect(() => lab.queues.create('odd', { policy: { Statement } })).toThrow('Syntax errors in policy')
})

test('refuses a request that is not signed', async () => {
  const post = async (target: string, body: string) => {
    const headers = { 'x-amz-target': `AmazonSQS.${target}`, 'content-type': 'application/x-amz-json-1.0' }
    const answer = await fetch(lab.endpoint, { method: 'POST', headers, body })
    return [answer.status, ((await answer.json()) as { __type: string }).__type]
  }
  expect(await post('PurgeQueue', '{}')).toEqual([403, 'com.amazon.coral.service#MissingAuthenticationTokenException'])
})
