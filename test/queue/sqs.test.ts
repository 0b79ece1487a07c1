import { expect, test } from 'vitest'
import { hasCode } from '../../src/error.ts'
import { failure, never, queueWorld, ten } from './queue-world.ts'

test('receives, extends and deletes a message', async () => {
  const { queue, client } = await queueWorld()
  const id = queue.send('{"hello":1}')
  const [message] = await client.receive(ten, never())
  expect(message).toMatchObject({ id, body: '{"hello":1}', receives: 1 })
  expect(Math.abs(Date.now() - (message?.sentAtMs ?? 0))).toBeLessThan(60_000)
  expect(await client.receive(ten, never())).toEqual([])
  expect(await client.extend([message?.receipt ?? ''], 0)).toEqual(new Map())
  const [again] = await client.receive(ten, never())
  expect(again).toMatchObject({ id, receives: 2 })
  expect(await client.delete([again?.receipt ?? ''])).toEqual(new Map())
  expect(queue.bodies).toEqual([])
})

test('hides a message for the time that was asked for, and no longer', async () => {
  let now = Date.now()
  const { queue, client } = await queueWorld({}, { now: () => now })
  queue.send('a')
  const [message] = await client.receive({ ...ten, visibilitySeconds: 30 }, never())
  now += 20_000
  await client.extend([message?.receipt ?? ''], 30)
  now += 29_000
  expect(await client.receive(ten, never())).toEqual([])
  now += 1_000
  expect(await client.receive(ten, never())).toHaveLength(1)
})

test('a long poll returns with the first message', async () => {
  const { queue, client } = await queueWorld()
  const waiting = client.receive({ ...ten, waitSeconds: 20 }, never())
  await new Promise((resolve) => setTimeout(resolve, 100))
  queue.send('late')
  expect(await waiting).toMatchObject([{ body: 'late' }])
})

test('an abort ends a long poll at once, and the message that follows stays in the queue', async () => {
  const { lab, queue, client } = await queueWorld()
  const stop = new AbortController()
  const startMs = performance.now()
  const waiting = failure(client.receive({ ...ten, waitSeconds: 20 }, stop.signal))
  setTimeout(() => stop.abort(), 200)
  expect(hasCode(await waiting, 'interrupted')).toBe(true)
  expect(performance.now() - startMs).toBeLessThan(10_000)
  // The lab has seen that the client is gone.
  await expect.poll(() => lab.requests.count('ReceiveMessage')).toBe(1)
  queue.send('after')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(queue.counts).toMatchObject({ visible: 1, inFlight: 0 })
})

test('closing ends a long poll at once', async () => {
  const { client } = await queueWorld()
  const startMs = performance.now()
  const waiting = failure(client.receive({ ...ten, waitSeconds: 20 }, never()))
  setTimeout(() => client.close(), 200)
  expect(await waiting).toMatchObject({ code: 'queue.unreachable' })
  expect(performance.now() - startMs).toBeLessThan(10_000)
})

test('deletes and extends any number of messages, ten with each call', async () => {
  const { lab, queue, client } = await queueWorld()
  for (let index = 0; index < 25; index++) queue.send(`m${index}`)
  const messages = [
    ...(await client.receive(ten, never())),
    ...(await client.receive(ten, never())),
    ...(await client.receive(ten, never())),
  ]
  const receipts = messages.map(({ receipt }) => receipt)
  expect(receipts).toHaveLength(25)
  expect(await client.extend(receipts, 600)).toEqual(new Map())
  expect(lab.requests.count('ChangeMessageVisibilityBatch')).toBe(3)
  expect(await client.delete([...receipts, ...receipts])).toEqual(new Map())
  expect(lab.requests.count('DeleteMessageBatch')).toBe(3)
  expect(queue.bodies).toEqual([])
  expect(await client.delete([])).toEqual(new Map())
  expect(lab.requests.count('DeleteMessageBatch')).toBe(3)
})

test('a receipt that SQS does not accept fails alone', async () => {
  let now = Date.now()
  const { queue, client } = await queueWorld({}, { now: () => now })
  queue.send('a')
  queue.send('b')
  const [first, second] = await client.receive({ ...ten, visibilitySeconds: 10 }, never())
  now += 5_000
  await client.extend([second?.receipt ?? ''], 60)
  now += 6_000
  const receipts = [first?.receipt ?? '', second?.receipt ?? '', 'foreign']
  const failures = await client.extend(receipts, 60)
  expect([...failures].map(([receipt, { code }]) => [receipt, code])).toEqual([
    [receipts[0], 'queue.receipt-expired'],
    ['foreign', 'queue.receipt-expired'],
  ])
  expect(await client.delete(receipts)).toEqual(
    new Map([['foreign', expect.objectContaining({ code: 'queue.receipt-expired' })]]),
  )
  expect(queue.bodies).toEqual([])
})

test('a message cannot be hidden for longer than 12 hours after its first receive', async () => {
  let now = Date.now()
  const { queue, client } = await queueWorld({}, { now: () => now })
  queue.send('a')
  const [message] = await client.receive(ten, never())
  now += 10_000
  const failures = await client.extend([message?.receipt ?? ''], 43_200)
  expect([...failures.values()]).toMatchObject([
    { code: 'queue.refused', message: expect.stringContaining('beyond the limit [43200 seconds]') },
  ])
})

test('an older receipt deletes nothing, although SQS accepts it', async () => {
  const { queue, client } = await queueWorld()
  queue.send('a')
  const [first] = await client.receive({ ...ten, visibilitySeconds: 0 }, never())
  const [second] = await client.receive(ten, never())
  expect(await client.delete([first?.receipt ?? ''])).toEqual(new Map())
  expect(queue.bodies).toEqual(['a'])
  expect(await client.delete([second?.receipt ?? ''])).toEqual(new Map())
  expect(queue.bodies).toEqual([])
})

test.each(['keyErrorInside200', 'unansweredKeys'] as const)(
  '%s: messages that failed are deleted by another call',
  async (fault) => {
    const { lab, queue, client } = await queueWorld()
    for (let index = 0; index < 10; index++) queue.send(`m${index}`)
    const receipts = (await client.receive(ten, never())).map(({ receipt }) => receipt)
    lab.setFaults({ rules: [{ fault, probability: 1, times: 1, operations: ['DeleteMessageBatch'] }] })
    expect(await client.delete(receipts)).toEqual(new Map())
    expect(queue.bodies).toEqual([])
    expect(lab.requests.count('DeleteMessageBatch')).toBe(2)
  },
)

test('messages that fail at every try are named with their reasons, and only they', async () => {
  const { lab, queue, open } = await queueWorld()
  const client = open(undefined, { maxAttempts: 2 })
  for (let index = 0; index < 4; index++) queue.send(`m${index}`)
  const receipts = (await client.receive(ten, never())).map(({ receipt }) => receipt)
  lab.setFaults({ rules: [{ fault: 'keyErrorInside200', probability: 1, operations: ['DeleteMessageBatch'] }] })
  const failures = await client.delete(receipts)
  // The second call has two messages: the first of them fails again.
  expect([...failures].map(([receipt, { code }]) => [receipt, code])).toEqual([[receipts[0], 'queue.failed']])
  expect(queue.bodies).toEqual(['m0'])
})

test('a call that fails as a whole is the reason for each message of it and of the following ones', async () => {
  const { lab, queue, open } = await queueWorld()
  const client = open(undefined, { maxAttempts: 2 })
  for (let index = 0; index < 25; index++) queue.send(`m${index}`)
  const receipts: string[] = []
  for (let call = 0; call < 3; call++)
    receipts.push(...(await client.receive(ten, never())).map(({ receipt }) => receipt))
  lab.setFaults({
    rules: [
      {
        fault: { status: 500, code: 'InternalError', message: 'x' },
        probability: 1,
        operations: ['DeleteMessageBatch'],
      },
    ],
  })
  const failures = await client.delete(receipts)
  expect([...failures.keys()].sort()).toEqual(receipts.toSorted())
  expect(new Set([...failures.values()].map(({ code }) => code))).toEqual(new Set(['queue.failed']))
  expect(lab.requests.count('DeleteMessageBatch')).toBe(2)
  expect(queue.bodies).toHaveLength(25)
})

test('reads the settings of a queue, and how full it is', async () => {
  const { lab, queue, client } = await queueWorld({ visibilitySeconds: 45 })
  expect(await client.attributes()).toEqual({
    arn: 'arn:aws:sqs:us-east-1:111111111111:new-logs',
    visible: 0,
    inFlight: 0,
    delayed: 0,
    visibilitySeconds: 45,
    retentionSeconds: 345_600,
    redrive: undefined,
    policy: undefined,
    kmsKey: undefined,
    sqsManagedEncryption: true,
  })
  const deadLetter = lab.queues.create('dead')
  queue.redrive = { deadLetter, maxReceives: 5 }
  queue.kmsKeyArn = 'arn:aws:kms:us-east-1:111111111111:key/1'
  queue.policy = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' },
  }
  for (const delayMs of [0, 0, 0, 60_000]) queue.send('a', { delayMs })
  await client.extend([], 0)
  queue.receive(1)
  expect(await client.attributes()).toMatchObject({
    visible: 2,
    inFlight: 1,
    delayed: 1,
    redrive: { deadLetterArn: deadLetter.arn, maxReceives: 5 },
    policy: JSON.stringify(queue.policy),
    kmsKey: queue.kmsKeyArn,
    sqsManagedEncryption: false,
  })
})
