import { expect, test } from 'vitest'
import type { CrosstrailError } from '../../src/error.ts'
import { labAccounts, labExternalId, labRoles } from '../../src/lab/fixture.ts'
import type { Fault } from '../../src/lab/faults.ts'
import { queueAddress } from '../../src/queue/address.ts'
import { openQueue } from '../../src/queue/sqs.ts'
import { assume } from '../lab/lab-clients.ts'
import { failure, fixedKeys, never, queueWorld, ten } from './queue-world.ts'

const allow = (action: string | string[], resource: string) =>
  ({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: action, Resource: resource } }) as const

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
    hint: 'allow sqs:ReceiveMessage on arn:aws:sqs:us-east-1:111111111111:new-logs in the policies of the caller',
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

test.each([
  ['with an explicit deny in a service control policy', 'and remove the Deny that the message names'],
  [
    'because no session policy allows the sqs:receivemessage action',
    'in the session policy: run with --no-session-policy',
  ],
  ['because no VPC endpoint policy allows the sqs:receivemessage action', 'in the policy of the VPC endpoint'],
  ['because no permissions boundary allows the sqs:receivemessage action', 'in the permissions boundary of the caller'],
  [
    'because no service control policy allows the sqs:receivemessage action',
    "in the service control policies of the caller's organization",
  ],
  ['', 'in the policies of the caller, and in the policy of the queue if account 111111111111 is another one'],
])('a denial %s names where to allow it', async (why, side) => {
  const { lab, client } = await queueWorld()
  const fault = {
    status: 403,
    code: 'AccessDeniedException',
    message: `User: x is not authorized to perform: sqs:receivemessage ${why}`,
  }
  lab.setFaults({ rules: [{ fault, probability: 1, operations: ['ReceiveMessage'] }] })
  expect(await failure(client.receive(ten, never()))).toMatchObject({
    code: 'queue.denied',
    hint: expect.stringContaining(side),
  })
})

test('a region that is not that of the endpoint is explained', async () => {
  const { lab, client } = await queueWorld()
  const fault = {
    status: 403,
    code: 'InvalidSignatureException',
    message: "Credential should be scoped to a valid region, not 'us-east-1'.",
  }
  lab.setFaults({ rules: [{ fault, probability: 1, operations: ['ReceiveMessage'] }] })
  expect(await failure(client.receive(ten, never()))).toMatchObject({
    code: 'queue.refused',
    hint: expect.stringContaining('correct the region'),
  })
})

test('a secret that a server repeats is not shown', async () => {
  const { lab, client } = await queueWorld()
  const { secretAccessKey } = lab.principals.admin
  const fault = { status: 400, code: 'UnsupportedOperation', message: `no ${secretAccessKey} here` }
  lab.setFaults({ rules: [{ fault, probability: 1, operations: ['ReceiveMessage', 'DeleteMessageBatch'] }] })
  const [whole, one] = [await failure(client.receive(ten, never())), (await client.delete(['a'])).get('a')]
  for (const error of [whole, one]) {
    const { message, hint, facts, cause } = error as CrosstrailError
    expect(message).toContain('****')
    expect(JSON.stringify({ message, hint, facts, cause: String(cause) })).not.toContain(secretAccessKey)
  }
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
