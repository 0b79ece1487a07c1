import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { labAccounts } from '../../src/lab/fixture.ts'
import { pick, randomIndex, seededRandom } from '../../src/lab/random.ts'
import type { Announcing } from '../../src/lab/sqs/announce.ts'
import type { Queue } from '../../src/lab/sqs/stored-queue.ts'
import { readAnnouncement } from '../../src/queue/announced.ts'
import { dayMs } from '../../src/trail/calendar.ts'
import { readCoverage } from '../../src/verbs/pull/coverage-shape.ts'
import { type Coverage, coverageOf } from '../../src/verbs/pull/coverage.ts'
import { jsonLines } from './support/crosstrail.ts'
import { GrowingArchive } from './support/growing-archive.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { filesOf, leftovers, treeOf } from './support/tree.ts'
import { digestOf } from './support/stored-logs.ts'

const random = seededRandom(20261203)
const startMs = Math.floor((Date.now() - 60 * dayMs) / dayMs) * dayMs

let world: LabWorld
let archive: GrowingArchive
let queue: Queue
let announcing: Announcing
let deliveries: NodeJS.Timeout
const running = new Set<ChildProcess>()

beforeEach(async () => {
  world = await labWorld()
  world.lab.principals.zAudit.user.policies.push({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }],
  })
  archive = new GrowingArchive(world.lab.bucket(), random, startMs)
  archive.deliver(30)
  queue = world.lab.queues.create('new-logs', { account: labAccounts.Z })
  bodies.clear()
  const send = queue.send.bind(queue)
  queue.send = (body, how) => {
    bodies.set(body, (bodies.get(body) ?? 0) + 1)
    return send(body, how)
  }
})
afterEach(async () => {
  clearInterval(deliveries)
  announcing.stop()
  for (const child of running) child.kill('SIGKILL')
  running.clear()
  await world.stop()
})

/** Programs take longer than files, and must keep up. */
const slowly = 300

/** How often each body was sent to the queue. */
const bodies = new Map<string, number>()

test('after 40 kills with messages in flight no log is lost, and no message was deleted before its logs were covered', async () => {
  announceBadly()
  const to = world.newPath()
  const whole = new Set<string>()
  const look = () => {
    for (const file of filesOf(to)) {
      if (whole.has(file)) continue
      expect(digestOf(readFileSync(join(to, file))), file).toBe(archive.digests[file])
      whole.add(file)
    }
    const covered = coveredIn(to)
    expect(deletedKeys().filter((key) => !covered(key) || !whole.has(key))).toEqual([])
  }
  await killOften(40, pullTo(to), to, look)
  expect(announcing.missing.length).toBeGreaterThan(0)
  await drain(pullTo(to))
  expect(treeOf(to)).toEqual(archive.digests)
  expect(leftovers(to)).toEqual([])
  await expectAllCovered(to)
})

test('after kills the command of a pull has got every log, and each message that was deleted is about logs that it got', async () => {
  announceBadly(slowly)
  const to = world.newPath()
  const given = world.newPath()
  const command = pullTo(to, ...execTo(given))
  await killOften(8, command, to, () => {
    const names = new Set(namesIn(given))
    const covered = coveredIn(to)
    expect(deletedKeys().filter((key) => !covered(key) || !names.has(nameOf(key)))).toEqual([])
  })
  await drain(command)
  expect([...new Set(namesIn(given))].sort()).toEqual(archive.keys.map(nameOf).sort())
  await expectAllCovered(to)
})

test('after kills a pull of events has written each event once, in complete files', async () => {
  announceBadly()
  const to = world.newPath()
  const command = pullTo(to, '--format', 'ndjson', '--rotate', '1s|50KB')
  await killOften(8, command, to, () => {
    const ids = eventIdsIn(to)
    expect(new Set(ids).size).toBe(ids.length)
    const covered = coveredIn(to)
    expect(deletedKeys().filter((key) => !covered(key))).toEqual([])
  })
  await drain(command)
  expect(eventIdsIn(to).sort()).toEqual([...archive.eventIds].sort())
  expect(readdirSync(join(to, '.crosstrail', 'ndjson')).filter((name) => name.endsWith('.part'))).toEqual([])
  await expectAllCovered(to)
})

test('without a kill, a command gets each log once, although messages arrive twice and listings find the same logs', async () => {
  announceBadly(slowly)
  const to = world.newPath()
  const given = world.newPath()
  const command = pullTo(to, ...execTo(given))
  await runForAWhile(command)
  await drain(command)
  expect(namesIn(given).sort()).toEqual(archive.keys.map(nameOf).sort())
  await expectAllCovered(to)
})

test('without a kill, a pull of events writes each event once, although messages arrive twice and listings find the same logs', async () => {
  announceBadly()
  const to = world.newPath()
  const command = pullTo(to, '--format', 'ndjson', '--rotate', '1s|50KB')
  await runForAWhile(command)
  await drain(command)
  expect(eventIdsIn(to).sort()).toEqual([...archive.eventIds].sort())
  await expectAllCovered(to)
})

/**
 * Delivers logs steadily, and announces them as badly as a queue may: late, twice, in a random order, or not at all. Each commit covers more than ten
 * messages, so that their deletes are sent at once, and not after the pause for more of them.
 */
function announceBadly(everyMs = 40): void {
  announcing = world.lab.announce({
    queue,
    shape: 's3',
    lossRate: 0.05,
    duplicateRate: 0.2,
    delayMs: [0, 300],
    shuffle: true,
    objectsPerMessage: 2,
  })
  deliveries = setInterval(() => archive.deliver(randomIndex(random, 12)), everyMs)
}

function pullTo(to: string, ...more: readonly string[]): string[] {
  const since = ['--since', new Date(startMs).toISOString()]
  const sqs = ['--sqs', queue.url, '--sqs-region', 'us-east-1', '--reconcile', '1s']
  return ['pull', 'Z', '--to', to, ...since, ...sqs, ...more]
}

function execTo(given: string): string[] {
  return ['--exec', `gzip -t {} && echo {} >> ${given}`, '--exec-parallel', '4']
}

/** Kills a pull that often while messages are in flight, starts it again, and calls `look` after each kill. */
async function killOften(kills: number, command: readonly string[], to: string, look: () => void): Promise<void> {
  mkdirSync(join(to, '.crosstrail'), { recursive: true, mode: 0o700 })
  for (let killed = 0; killed < kills; killed++) {
    const { child, result } = world.start(command)
    running.add(child)
    const [moment, forget] = killSometime(child, to)
    const { exitCode, signal, stderr } = await result
    forget()
    running.delete(child)
    expect(signal, `pull ${killed}, to be killed ${moment}, ended with ${String(exitCode)}: ${stderr}`).toBe('SIGKILL')
    look()
    // What the visibility timeout does after a minute.
    queue.makeVisible()
  }
  world.lab.setFaults({})
}

const operations = [
  'ListObjectsV2',
  'ReceiveMessage',
  'HeadObject',
  'HeadObject',
  'GetObject',
  'GetObject',
  'DeleteMessageBatch',
  'DeleteMessageBatch',
  'coverage',
  'coverage',
] as const

/** Kills a pull at a random call or change of its coverage, or a little later. Returns which, and how to undo it. */
function killSometime(child: ChildProcess, to: string): [string, () => void] {
  const operation = pick(random, operations)
  const delayMs = random() < 0.5 ? 0 : random() * 120
  let left = 1 + randomIndex(random, operation === 'HeadObject' || operation === 'GetObject' ? 30 : 4)
  const moment = `${delayMs} ms after ${operation} ${left}`
  const kill = () => {
    // A kill with nothing in flight would prove little, so it waits for the next call.
    if (queue.counts.inFlight > 0) child.kill('SIGKILL')
    else left++
  }
  const met = () => {
    if (left <= 0 || --left > 0) return
    if (delayMs === 0) kill()
    else setTimeout(kill, delayMs)
  }
  world.lab.setFaults({
    hook: (request) => {
      if (request.operation === operation) met()
      return undefined
    },
  })
  if (operation !== 'coverage') return [moment, () => undefined]
  const watcher = watch(join(to, '.crosstrail'), (_event, name) => {
    if (name?.startsWith('coverage.') === true) met()
  })
  return [moment, () => watcher.close()]
}

/** Runs a pull until it was told of many logs, and stops it in order. */
async function runForAWhile(command: readonly string[]): Promise<void> {
  const { child, result } = world.start(command)
  running.add(child)
  await expect.poll(() => world.lab.requests.count('HeadObject'), { timeout: 60_000 }).toBeGreaterThan(60)
  child.kill('SIGTERM')
  const { exitCode, stderr } = await result
  expect(exitCode, stderr).toBe(143)
  running.delete(child)
}

/** Ends the deliveries, and takes what is left. */
async function drain(command: readonly string[]): Promise<void> {
  clearInterval(deliveries)
  announcing.stop()
  await expect.poll(() => queue.counts.delayed).toBe(0)
  queue.makeVisible()
  const { exitCode, stderr } = await world.run([...command, '--drain'])
  expect(exitCode, stderr).toBe(0)
  expect(queue.bodies).toEqual([])
}

/** The keys of all messages that were deleted. Of a message that was sent twice, one deleted copy is enough. */
function deletedKeys(): string[] {
  const left = new Map<string, number>()
  for (const body of queue.bodies) left.set(body, (left.get(body) ?? 0) + 1)
  return [...bodies].flatMap(([body, sent]) => {
    const announcement = readAnnouncement(body)
    if (announcement.type !== 'logs' || (left.get(body) ?? 0) === sent) return []
    return announcement.objects.map(({ key }) => key)
  })
}

/** Returns a function that says whether the stored coverage names a key. */
function coveredIn(to: string): (key: string) => boolean {
  const body = readCoverage(join(to, '.crosstrail'))
  const streams: Coverage['streams'] = body === undefined ? [] : (coverageOf(body, body.trail)?.streams ?? [])
  return (key) => streams.some(({ prefix, seen }) => key.startsWith(prefix) && seen.has(key.slice(prefix.length)))
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

const namesIn = (given: string): string[] =>
  existsSync(given) ? readFileSync(given, 'utf8').split('\n').slice(0, -1).map(nameOf) : []

const eventIdsIn = (to: string): string[] =>
  filesOf(to).flatMap((file) => jsonLines(readFileSync(join(to, file), 'utf8')).map(({ eventID }) => String(eventID)))

/** Expects readable coverage that counts each log once, and a free lock. */
async function expectAllCovered(to: string): Promise<void> {
  const { stdout } = await world.run(['pull', 'status', '--to', to, '--output', 'json'])
  const streams = jsonLines(stdout)
  expect(streams.reduce((sum, { objects }) => sum + Number(objects), 0)).toBe(archive.keys.length)
  expect(streams.filter(({ gaps }) => gaps !== 0)).toEqual([])
  expect(readdirSync(join(to, '.crosstrail')).filter((name) => name.startsWith('lock'))).toEqual([])
}
