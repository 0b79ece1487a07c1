import { expect, test } from 'vitest'
import { hasCode } from '../../src/error.ts'
import { labAccounts, labExternalId, labRoles } from '../../src/lab/fixture.ts'
import type { Fault } from '../../src/lab/faults.ts'
import { queueAddress } from '../../src/queue/address.ts'
import { openQueue } from '../../src/queue/sqs.ts'
import { assume } from '../lab/lab-clients.ts'
import { fixedKeys, queueWorld } from './queue-world.ts'

const never = () => new AbortController().signal
const ten = { max: 10, visibilitySeconds: 60, waitSeconds: 0 }

const allow = (action: string | string[], resource: string) =>
  ({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: action, Resource: resource } }) as const

/** The error of a call that must fail. */
async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => expect.unreachable(`the call answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
}

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

const faults: Record<string, Fault> = {
  'a lost answer': 'resetBeforeHeaders',
  'half an answer': 'shortBody',
  'an empty answer': 'emptyBody',
  'an error of SQS': { status: 500, code: 'InternalError', message: 'x' },
  'a busy SQS': { status: 503, code: 'ServiceUnavailable', message: 'x' },
  'throttling by the service': { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  'throttling by SQS': { status: 403, code: 'RequestThrottled', message: 'x' },
  'throttling by KMS': { status: 400, code: 'KmsThrottled', message: 'x' },
  'a page of a proxy': {
    rewrite: (reply) => ({
      ...reply,
      headers: { 'content-type': 'text/html', 'x-amzn-requestid': '' },
      body: Buffer.from('<html>busy'),
    }),
  },
  'a body that is not that of the checksum': {
    rewrite: (reply) => ({ ...reply, body: Buffer.from(reply.body.toString().replace('"Body":"', '"Body":"x')) }),
  },
  'a message without a receipt': {
    rewrite: (reply) => ({ ...reply, body: Buffer.from(reply.body.toString().replace('ReceiptHandle', 'Receipt')) }),
  },
}

test.each(Object.keys(faults))('repeats a receive after %s', async (name) => {
  const { lab, queue, client } = await queueWorld()
  queue.send('a')
  const fault = faults[name] ?? 'stall'
  lab.setFaults({ rules: [{ fault, probability: 1, times: 1, operations: ['ReceiveMessage'] }] })
  // The message of a lost answer is hidden, and visible again at once.
  expect(await client.receive({ ...ten, visibilitySeconds: 0, waitSeconds: 1 }, never())).toMatchObject([{ body: 'a' }])
  expect(lab.requests.count('ReceiveMessage')).toBe(2)
})

test.each([
  [{ status: 400, code: 'ThrottlingException', message: 'Rate exceeded' }, 'queue.throttled'],
  [{ status: 400, code: 'RequestThrottled', message: 'Rate exceeded' }, 'queue.throttled'],
  [{ status: 500, code: 'InternalError', message: 'x' }, 'queue.failed'],
  ['resetBeforeHeaders', 'queue.unreachable'],
  ['emptyBody', 'queue.malformed-answer'],
] as const)('gives up after a number of tries: %j', async (fault, code) => {
  const { lab, queue, open } = await queueWorld()
  queue.send('a')
  const client = open(undefined, { maxAttempts: 3 })
  lab.setFaults({ rules: [{ fault, probability: 1, operations: ['GetQueueAttributes', 'ReceiveMessage'] }] })
  expect(await failure(client.receive(ten, never()))).toMatchObject({
    code,
    facts: { queue: 'new-logs', action: 'ReceiveMessage' },
  })
  expect(lab.requests.count('ReceiveMessage')).toBe(3)
})

test('an abort ends the wait before another try', async () => {
  const { lab, client } = await queueWorld()
  lab.setFaults({
    rules: [
      { fault: { status: 500, code: 'InternalError', message: 'x' }, probability: 1, operations: ['ReceiveMessage'] },
    ],
  })
  const stop = new AbortController()
  const waiting = failure(client.receive(ten, stop.signal))
  setTimeout(() => stop.abort(), 50)
  expect(await waiting).toMatchObject({ code: 'interrupted' })
})

test.each([
  [{ status: 400, code: 'OverLimit', message: 'x' }, 'queue.too-many-in-flight'],
  [{ status: 400, code: 'KmsDisabled', message: 'x' }, 'queue.kms'],
  [{ status: 400, code: 'UnsupportedOperation', message: 'x' }, 'queue.refused'],
  [{ status: 403, code: 'ExpiredTokenException', message: 'x' }, 'queue.expired'],
  [{ status: 403, code: 'UnrecognizedClientException', message: 'x' }, 'access.invalid-key'],
] as const)('does not repeat a refusal: %j', async (fault, code) => {
  const { lab, client } = await queueWorld()
  lab.setFaults({ rules: [{ fault, probability: 1, operations: ['ReceiveMessage'] }] })
  expect(await failure(client.receive(ten, never()))).toMatchObject({ code })
  expect(lab.requests.count('ReceiveMessage')).toBe(1)
})

test('a queue that does not exist is not found', async () => {
  const { lab, queue } = await queueWorld()
  const missing = queueAddress(`${queue.url}-2`, 'us-east-1')
  const client = openQueue(missing, fixedKeys(lab.principals.admin), { caller: 'account Z', env: {} })
  expect(await failure(client.receive(ten, never()))).toMatchObject({
    code: 'queue.not-found',
    message:
      'there is no queue new-logs-2 in account 111111111111 and region us-east-1, or account Z may not know of it',
  })
  const elsewhere = openQueue(queueAddress(queue.url, 'eu-west-1'), fixedKeys(lab.principals.admin), {
    caller: 'account Z',
    env: {},
  })
  expect(await failure(elsewhere.attributes())).toMatchObject({ code: 'queue.not-found' })
  client.close()
  elsewhere.close()
})

test('a denial names the side that must change', async () => {
  const { lab, queue, open } = await queueWorld()
  const { zAudit } = lab.principals
  const client = open(zAudit)
  const caller = await failure(client.receive(ten, never()))
  expect(caller).toMatchObject({
    code: 'queue.denied',
    message: expect.stringContaining(
      'account Z may not call ReceiveMessage on the queue new-logs of 111111111111 in us-east-1',
    ),
    hint: 'allow sqs:ReceiveMessage on arn:…:sqs:us-east-1:111111111111:new-logs in the policies of the caller',
  })
  zAudit.user.policies.push(allow('sqs:*', queue.arn))
  expect(await failure(client.receive(ten, never()))).toMatchObject({
    code: 'queue.denied',
    hint: expect.stringContaining('in the policy of the queue, which account 111111111111 owns'),
  })
  const root = `arn:aws:iam::${labAccounts.Z}:root`
  queue.policy = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: root }, Action: 'sqs:ReceiveMessage', Resource: queue.arn },
  }
  queue.send('a')
  const [message] = await client.receive(ten, never())
  expect(message).toMatchObject({ body: 'a' })
  const failures = await client.delete([message?.receipt ?? ''])
  expect([...failures.values()]).toMatchObject([
    { code: 'queue.denied', hint: expect.stringContaining('sqs:DeleteMessage') },
  ])
  expect(queue.bodies).toEqual(['a'])
})

test('a key that the caller may not use is explained', async () => {
  const kmsKeyArn = 'arn:aws:kms:us-east-1:111111111111:key/0f6a3a52-0f5c-4b0e-9c5a-000000000001'
  const { lab, queue, open } = await queueWorld({ kmsKeyArn })
  queue.send('a')
  const role = lab.iam.role(labRoles.Z)
  role?.policies.push(allow('sqs:*', queue.arn))
  const keys = await assume(lab, lab.principals.zAudit, { RoleArn: labRoles.Z, ExternalId: labExternalId })
  const client = open({ ...keys, sessionToken: keys.sessionToken })
  expect(await failure(client.receive(ten, never()))).toMatchObject({
    code: 'queue.kms',
    hint: expect.stringContaining('kms:Decrypt'),
  })
  role?.policies.push(allow('kms:Decrypt', kmsKeyArn))
  expect(await client.receive(ten, never())).toHaveLength(1)
})

test('expired keys are renewed once, and the call is repeated', async () => {
  const { lab, queue, open } = await queueWorld()
  lab.iam.role(labRoles.Z)?.policies.push(allow('sqs:*', queue.arn))
  const session = () => assume(lab, lab.principals.zAudit, { RoleArn: labRoles.Z, ExternalId: labExternalId })
  let keys = await session()
  let renewals = 0
  const client = open({
    current: () => keys,
    renew: async () => {
      renewals++
      keys = await session()
      return keys
    },
  })
  queue.send('a')
  const [message] = await client.receive(ten, never())
  lab.revokeSessions()
  expect(await client.delete([message?.receipt ?? ''])).toEqual(new Map())
  expect([renewals, queue.bodies]).toEqual([1, []])
  expect(await client.receive(ten, never())).toEqual([])
  expect(renewals).toBe(1)
})

test('keys that expired and cannot be renewed are the reason', async () => {
  const { lab, queue, open } = await queueWorld()
  lab.iam.role(labRoles.Z)?.policies.push(allow('sqs:*', queue.arn))
  const client = open(await assume(lab, lab.principals.zAudit, { RoleArn: labRoles.Z, ExternalId: labExternalId }))
  lab.revokeSessions()
  const error = await failure(client.receive(ten, never()))
  expect(error).toMatchObject({ code: 'queue.expired', message: expect.stringContaining('account Z') })
})

test('wrong keys are explained as everywhere', async () => {
  const { lab, open } = await queueWorld()
  const { admin } = lab.principals
  expect(await failure(open({ ...admin, secretAccessKey: 'wrong' }).attributes())).toMatchObject({
    code: 'access.wrong-secret',
  })
  expect(await failure(open({ ...admin, accessKeyId: 'AKIANOBODY' }).attributes())).toMatchObject({
    code: 'access.invalid-key',
  })
})

test('a wrong clock is explained', async () => {
  const { open } = await queueWorld({}, { now: () => Date.now() - 3_600_000 })
  expect(await failure(open().attributes())).toMatchObject({ code: 'access.clock-skew' })
})

test('a server that does not answer is unreachable', async () => {
  const { lab, open } = await queueWorld()
  const client = open(undefined, { maxAttempts: 2 })
  await lab.stop()
  expect(await failure(client.receive(ten, never()))).toMatchObject({
    code: 'queue.unreachable',
    message: expect.stringContaining('the queue new-logs of 111111111111 in us-east-1 cannot be reached'),
    facts: { reason: 'network.broken' },
  })
  expect([...(await client.delete(['a', 'b'])).values()]).toMatchObject([
    { code: 'queue.unreachable' },
    { code: 'queue.unreachable' },
  ])
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
