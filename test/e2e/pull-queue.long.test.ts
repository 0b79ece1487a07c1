import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { labAccounts } from '../../src/lab/fixture.ts'
import type { Queue } from '../../src/lab/sqs/stored-queue.ts'
import { formatKey, parseKey } from '../../src/trail/key.ts'
import { jsonLines, type RunningCommand } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
const started: RunningCommand[] = []
const announcings: { stop(): void }[] = []
beforeAll(async () => {
  world = await labWorld({ sample: { objects: 30, foreign: false } })
  world.lab.principals.zAudit.user.policies.push({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }],
  })
})
afterAll(() => world.stop())
afterEach(() => {
  world.lab.setFaults({})
  for (const announcing of announcings.splice(0)) announcing.stop()
  // A process that a failed test leaves behind would never end
  for (const { child } of started.splice(0)) child.kill('SIGKILL')
})

let queues = 0
const newQueue = (): Queue => world.lab.queues.create(`logs-${++queues}`, { account: labAccounts.Z })
const since = ['--since', '2026-10-31']
const pull = (queue: Pick<Queue, 'url'>, to: string, ...more: readonly string[]) => [
  'pull',
  'Z',
  '--to',
  to,
  ...since,
  '--sqs',
  queue.url,
  '--sqs-region',
  'us-east-1',
  ...more,
]

function announce(queue: Queue, options: Partial<Parameters<LabWorld['lab']['announce']>[0]> = {}): void {
  announcings.push(world.lab.announce({ queue, shape: 's3', ...options }))
}

function start(...args: Parameters<typeof pull>): RunningCommand {
  const running = world.start(pull(...args))
  started.push(running)
  return running
}

let puts = 0
/** Delivers a log now. Returns its name. */
function deliver(): string {
  const bucket = world.lab.bucket()
  const model = bucket.keys().find((key) => key.includes('/CloudTrail/')) ?? ''
  const parts = parseKey(model, { prefix: '' })
  if (parts === undefined || parts.kind === 'digest') throw new Error(`${model} is no log`)
  const random = String(++puts).padStart(16, '0')
  const key = formatKey({ ...parts, deliveredAtMs: Date.now(), random }, { prefix: '' })
  bucket.put(key, bucket.get(model)?.body ?? '')
  return key.slice(key.lastIndexOf('/') + 1)
}

const namesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.slice(path.lastIndexOf('/') + 1))

async function textUntil({ child }: RunningCommand, wanted: RegExp): Promise<string> {
  let text = ''
  while (!wanted.test(text)) text += String((await once(child.stderr ?? child, 'data'))[0])
  return text
}

const isEmpty = ({ counts: { visible, inFlight } }: Queue) => visible === 0 && inFlight === 0

test('--drain takes what a listing finds and what the queue announces, and leaves the queue empty', async () => {
  const queue = newQueue()
  announce(queue, { shape: 's3-sns', existing: true })
  const to = world.newPath()
  const { stderr, exitCode } = await world.run(pull(queue, to, '--drain'))
  expect(stderr).toMatch(/^Z +30 /m)
  expect(exitCode).toBe(0)
  expect(isEmpty(queue)).toBe(true)

  const name = deliver()
  world.lab.requests.clear()
  const again = await world.run(pull(queue, to, '--drain', '--output', 'json'))
  expect(jsonLines(again.stdout).map(({ status }) => status)).toEqual(['done'])
  expect(namesIn(to)).toContain(name)
  expect(isEmpty(queue)).toBe(true)
})

test('a running pull takes announced logs without a listing, has metrics, and ends in order', async () => {
  const queue = newQueue()
  announce(queue)
  const to = world.newPath()
  const running = start(queue, to, '--listen', '0')
  const said = await textUntil(running, /^(?:pulled|swept) \d+ logs/m)
  const url = /listening on (http:\S+)/.exec(said)?.[1] ?? ''
  world.lab.requests.clear()
  const name = deliver()
  await expect.poll(() => namesIn(to)).toContain(name)
  await expect.poll(() => isEmpty(queue)).toBe(true)
  expect(world.lab.requests.recent('ListObjectsV2')).toEqual([])
  expect(world.lab.requests.recent('HeadObject')).toHaveLength(1)
  const page = await (await fetch(`${url}/metrics`)).text()
  expect(page).toMatch(/^crosstrail_queue_up 1$/m)
  expect(page).toMatch(/^crosstrail_queue_logs_announced_total 1$/m)
  expect(page).toMatch(/^crosstrail_queue_messages_in_flight 0$/m)
  running.child.kill('SIGTERM')
  expect((await running.result).exitCode).toBe(143)
})

test('a repeated message costs no request to the bucket', async () => {
  const queue = newQueue()
  announce(queue, { duplicateRate: 1 })
  const to = world.newPath()
  const running = start(queue, to)
  await textUntil(running, /^(?:pulled|swept) \d+ logs/m)
  world.lab.requests.clear()
  deliver()
  await expect.poll(() => world.lab.requests.recent('GetObject').length).toBe(1)
  await expect.poll(() => isEmpty(queue)).toBe(true)
  expect(world.lab.requests.recent('HeadObject')).toHaveLength(1)
  expect(world.lab.requests.recent('GetObject')).toHaveLength(1)
})

test('a listing finds logs that the queue does not announce, and reports that', async () => {
  const queue = newQueue()
  const to = world.newPath()
  const running = start(queue, to, '--reconcile', '2s')
  await textUntil(running, /^(?:pulled|swept) \d+ logs/m)
  const name = deliver()
  const said = await textUntil(running, /pull\.unannounced/)
  expect(said).toContain('finding: the queue announced 0 of 1 log; a listing found the rest (pull.unannounced)')
  expect(namesIn(to)).toContain(name)
})

test('a message that is not understood is told once, and stays in the queue', async () => {
  const queue = newQueue()
  queue.send('{"made": "by somebody else", "password": "hunter2"}')
  queue.send('{"made": "by them, too", "password": "hunter3"}')
  const { stderr, exitCode } = await world.run(pull(queue, world.newPath(), '--drain'))
  expect(stderr.match(/not understood and stays in the queue/g)).toHaveLength(1)
  expect(stderr).not.toContain('hunter')
  expect(stderr).toContain('warning: messages that stay in the queue: 2 not understood')
  expect(exitCode).toBe(1)
  expect(queue.bodies).toHaveLength(2)
})

test('a message that was delivered too often is a finding', async () => {
  const queue = newQueue()
  queue.send('{"made": "by somebody else"}')
  for (const _ of [1, 2]) {
    await world.run(pull(queue, world.newPath(), '--drain'))
    queue.makeVisible()
  }
  const { stderr } = await world.run(pull(queue, world.newPath(), '--drain', '--max-receives', '2'))
  expect(stderr).toContain('1 message was delivered too often and not deleted: 1 not understood (pull.stuck-message)')
})

test('a message about another trail is left, or acknowledged if that is asked', async () => {
  const queue = newQueue()
  queue.send(JSON.stringify({ s3Bucket: 'another-bucket', s3ObjectKey: ['AWSLogs/x.json.gz'] }))
  const left = await world.run(pull(queue, world.newPath(), '--drain'))
  expect(left.stderr).toContain('1 about keys that this pull does not take')
  expect(left.exitCode).toBe(0)
  expect(queue.bodies).toHaveLength(1)
  queue.makeVisible()
  const acknowledged = await world.run(pull(queue, world.newPath(), '--drain', '--foreign', 'ack'))
  expect(acknowledged.exitCode).toBe(0)
  expect(queue.bodies).toHaveLength(0)
})

test('an announced log that cannot be taken keeps its message, and a later pull takes it', async () => {
  const queue = newQueue()
  announce(queue)
  const to = world.newPath()
  await world.run(pull(queue, to, '--drain'))
  world.lab.setFaults({
    rules: [{ fault: { status: 403, code: 'AccessDenied', message: 'no' }, probability: 1, operations: ['GetObject'] }],
  })
  const name = deliver()
  const failed = await world.run(pull(queue, to, '--drain'))
  expect(failed.exitCode).not.toBe(0)
  expect(queue.bodies).toHaveLength(1)
  expect(namesIn(to)).not.toContain(name)
  world.lab.setFaults({})
  queue.makeVisible()
  expect((await world.run(pull(queue, to, '--drain'))).exitCode).toBe(0)
  expect(namesIn(to)).toContain(name)
  expect(queue.bodies).toHaveLength(0)
})

test('messages in work are given back at once when the pull is stopped', async () => {
  const queue = newQueue()
  announce(queue)
  const running = start(queue, world.newPath())
  await textUntil(running, /^(?:pulled|swept) \d+ logs/m)
  world.lab.setFaults({ rules: [{ fault: { latencyMs: 1500 }, probability: 1, operations: ['HeadObject'] }] })
  deliver()
  await expect.poll(() => queue.counts.inFlight).toBe(1)
  running.child.kill('SIGTERM')
  expect((await running.result).exitCode).toBe(143)
  expect(queue.counts).toMatchObject({ visible: 1, inFlight: 0 })
})

test('a running pull whose target is held by another waits before it tries again', async () => {
  const queue = newQueue()
  const to = world.newPath()
  const holder = start(queue, to)
  await textUntil(holder, /^(?:pulled|swept) \d+ logs/m)
  const other = start(queue, to, '--if-free')
  await textUntil(other, /nothing was pulled/)
  await sleep(2000)
  other.child.kill('SIGTERM')
  expect((await other.result).stderr.match(/nothing was pulled/g)).toHaveLength(1)
})

test('a queue that is deleted does not stop a running pull, which lists instead', async () => {
  const queue = newQueue()
  const to = world.newPath()
  const running = start(queue, to, '--reconcile', '3s', '--listen', '0')
  const said = await textUntil(running, /^(?:pulled|swept) \d+ logs/m)
  const url = /listening on (http:\S+)/.exec(said)?.[1] ?? ''
  world.lab.queues.delete(queue)
  await textUntil(running, /queue\.not-found/)
  expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^crosstrail_queue_up 0$/m)
  const name = deliver()
  await expect.poll(() => namesIn(to)).toContain(name)
  expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n')
})

test('--drain of a queue that cannot be received from fails, after it has listed', async () => {
  const to = world.newPath()
  const { stderr, exitCode } = await world.run(
    pull({ url: `${world.lab.endpoint}/444444444444/missing` }, to, '--drain'),
  )
  expect(stderr).toContain('queue.not-found')
  expect(exitCode).not.toBe(0)
  expect(namesIn(to).filter((name) => name.endsWith('.json.gz')).length).toBeGreaterThanOrEqual(30)
})

test('queues that throttle and keys that expire only cost time', async () => {
  const queue = newQueue()
  announce(queue)
  const to = world.newPath()
  await world.run(pull(queue, to, '--drain'))
  const name = deliver()
  world.lab.setFaults({
    rules: [
      {
        fault: { status: 400, code: 'ThrottlingException', message: 'slower' },
        probability: 1,
        times: 3,
        operations: ['ReceiveMessage'],
      },
      { fault: 'expiredToken', probability: 1, times: 1, operations: ['HeadObject'] },
    ],
  })
  const { exitCode } = await world.run(pull(queue, to, '--drain'))
  expect(exitCode).toBe(0)
  expect(namesIn(to)).toContain(name)
  expect(isEmpty(queue)).toBe(true)
})

test('the queue can be in the config', async () => {
  const queue = newQueue()
  const config = world.configWith((text) =>
    text.replace(/^trail:$/m, `trail:\n  sqs: { url: "${queue.url}", region: us-east-1 }`),
  )
  announce(queue, { existing: true })
  const args = ['pull', 'Z', '--to', world.newPath(), ...since, '--sqs', 'config', '--drain', '--config', config]
  expect((await world.run(args)).exitCode).toBe(0)
  expect(isEmpty(queue)).toBe(true)
  const missing = await world.run(['pull', 'Z', '--to', world.newPath(), '--sqs', 'config'])
  expect(missing.stderr).toContain('names no queue')
  expect(missing.exitCode).toBe(2)
})

test.each([
  [['--every', '5m'], '--every does not go together with --sqs'],
  [['--max-missed', '101%'], '--max-missed'],
  [['--foreign', 'drop'], '--foreign'],
  [['--reconcile', '2d'], '--reconcile'],
])('%j is refused', async (more, message) => {
  const { stderr, exitCode } = await world.run(
    pull({ url: 'https://sqs.us-east-1.amazonaws.com/444444444444/logs' }, './logs', ...more),
  )
  expect(stderr).toContain(message)
  expect(exitCode).toBe(2)
  await sleep(0)
})

test.each([
  ['--drain'],
  ['--sqs-region', 'us-east-1'],
  ['--reconcile', '5m'],
  ['--max-receives', '3'],
  ['--max-missed', '5%'],
  ['--foreign', 'ack'],
])('%s without --sqs is refused', async (...option) => {
  const { stderr, exitCode } = await world.run(['pull', 'Z', '--to', './logs', ...option])
  expect(stderr).toContain(`${option[0]} works only with --sqs`)
  expect(exitCode).toBe(2)
})
