import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PolicyDocument, PolicyStatement } from '../../src/lab/evaluate-policy.ts'
import { labAccounts, labBucket, labRoles } from '../../src/lab/fixture.ts'
import type { Queue } from '../../src/lab/sqs/stored-queue.ts'
import { queueAddress } from '../../src/queue/address.ts'
import { openQueue } from '../../src/queue/sqs.ts'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

interface Printed {
  readonly kind: string
  readonly document: Readonly<Record<string, unknown>>
}

const readerActions = ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes']
const keyArn = `arn:aws:kms:us-east-1:${labAccounts.A}:key/1-a`
let world: LabWorld
let queue: Queue

beforeEach(async () => {
  world = await labWorld({ sample: { objects: 20 } })
})
afterEach(() => world.stop())

/** Creates a queue of an account, and attaches what `crosstrail policy B` prints for it, and nothing else. */
async function attach(account: typeof labAccounts.A, args: readonly string[] = []): Promise<readonly Printed[]> {
  const { lab } = world
  const deadLetter = lab.queues.create('dead-letters', { account })
  queue = lab.queues.create('new-logs', { account, redrive: { deadLetter, maxReceives: 5 } })
  const asked = ['policy', 'B', '--sqs', queue.url, '--sqs-region', queue.region, ...args]
  const { stdout, exitCode } = await world.run(asked)
  expect(exitCode).toBe(0)
  const printed = jsonLines(stdout) as unknown as readonly Printed[]
  const of = (kind: string) => printed.find((one) => one.kind === kind)?.document as unknown as PolicyDocument
  lab.principals.bAudit.user.policies = [of('caller')]
  queue.policy = of('queue')
  if (args.includes('--sqs-kms-key')) {
    queue.kmsKeyArn = keyArn
    lab.setKeyPolicy(keyArn, of('queue-key'))
  }
  return printed
}

/** Receives, extends, deletes and looks at the queue with the keys of B's user. Returns the names of what was refused. */
async function refusedToB(): Promise<readonly string[]> {
  const { bAudit } = world.lab.principals
  const keys = { current: () => bAudit, renew: async () => bAudit }
  const client = openQueue(queueAddress(queue.url, queue.region), keys, { caller: 'account B', env: {} })
  const refused: string[] = []
  const unless = async <T>(name: string, call: Promise<T>): Promise<T | undefined> => {
    try {
      return await call
    } catch {
      refused.push(name)
      return undefined
    }
  }
  queue.send('announcement')
  const receive = client.receive({ max: 1, visibilitySeconds: 30, waitSeconds: 0 }, new AbortController().signal)
  const received = (await unless('ReceiveMessage', receive)) ?? queue.receive(1)
  const receipts = received.map(({ receipt }) => receipt)
  expect(receipts).toHaveLength(1)
  if ((await client.extend(receipts, 60)).size > 0) refused.push('ChangeMessageVisibility')
  if ((await client.delete(receipts)).size > 0) refused.push('DeleteMessage')
  await unless('GetQueueAttributes', client.attributes())
  client.close()
  return refused
}

test.each([
  ['its own queue', labAccounts.B],
  ["another account's queue", labAccounts.A],
])('with only the printed policies B uses %s', async (_, account) => {
  await attach(account)
  expect(await refusedToB()).toEqual([])
})

test('with the printed policies of an encrypted queue B uses it, and without the statement of its key it receives nothing', async () => {
  await attach(labAccounts.A, ['--sqs-kms-key', keyArn])
  expect(await refusedToB()).toEqual([])
  world.lab.setKeyPolicy(keyArn, { Statement: [] })
  expect(await refusedToB()).toEqual(['ReceiveMessage'])
})

test.each(readerActions)('without %s in the policy of the caller, only that is refused', async (action) => {
  const printed = await attach(labAccounts.B)
  const caller = printed.find(({ kind }) => kind === 'caller')?.document as unknown as PolicyDocument
  const Statement = [caller.Statement].flat().map((statement: PolicyStatement): PolicyStatement => {
    const actions = [statement.Action ?? []].flat()
    return actions.length === 1 ? statement : { ...statement, Action: actions.filter((one) => one !== `sqs:${action}`) }
  })
  world.lab.principals.bAudit.user.policies = [{ Statement }]
  expect(await refusedToB()).toEqual([action])
})

test('doctor passes after the printed policies were attached, by the queue of the config', async () => {
  const printed = await attach(labAccounts.B)
  const { lab } = world
  const role = lab.iam.role(labRoles.B)
  if (role === undefined) throw new Error('the lab has no role for B')
  role.policies = [
    ...role.policies,
    { Statement: { Effect: 'Allow', Action: 's3:GetBucketNotification', Resource: '*' } },
  ]
  const topic = `arn:aws:sns:us-east-1:${labAccounts.A}:crosstrail-new-logs`
  lab.bucket(labBucket).notifications = { rules: [{ id: 'crosstrail', to: { topic }, prefix: 'AWSLogs/' }] }
  expect(printed.find(({ kind }) => kind === 'notification')?.document).toMatchObject({
    TopicConfigurations: [{ TopicArn: topic, Filter: { Key: { FilterRules: [{ Value: 'AWSLogs/' }] } } }],
  })
  const config = world.configWith((text) =>
    text.replace('  B:\n', `  B:\n    sqs: { url: "${queue.url}", region: ${queue.region} }\n`),
  )
  const { stdout } = await world.run(['doctor', 'B', '--config', config, '--output', 'json'])
  const told = jsonLines(stdout) as unknown as readonly { readonly step: string; readonly status: string }[]
  const statuses = told.map(({ step, status }) => `${step} ${status}`)
  expect(statuses).toEqual(expect.arrayContaining(['announces ok', 'queue ok', 'sender ok']))
  const { stdout: shown } = await world.run(['accounts', 'B', '--config', config, '--output', 'json'])
  expect(jsonLines(shown)[0]).toMatchObject({ sqs: { url: queue.url, region: queue.region } })
})
