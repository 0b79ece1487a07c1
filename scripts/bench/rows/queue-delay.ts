import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { sampleRecords } from '../../../src/lab/events.ts'
import { labAccounts } from '../../../src/lab/fixture.ts'
import { pick, randomText, seededRandom } from '../../../src/lab/random.ts'
import type { Queue } from '../../../src/lab/sqs/stored-queue.ts'
import { readAnnouncement } from '../../../src/queue/announced.ts'
import { formatKey } from '../../../src/trail/key.ts'
import { labWorld } from '../../../test/e2e/support/lab-world.ts'
import type { Row, Section } from '../section.ts'
import { spreadOf } from '../statistics.ts'
import { alphanumerics, recordsPerLog } from '../stored-log.ts'

const logsPerSecond = 200
const loadSeconds = 20
const logAccounts = [labAccounts.B, labAccounts.C, labAccounts.Z] as const
const regions = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-1'] as const
/** Messages that are late by more than this will not come. */
const longestWaitMs = 60_000

/** How long a log takes from the bucket to a durable file, if a queue announces it. */
export const queueDelayRow: Row = {
  name: 'queue-delay',
  title: `A queue announces ${logsPerSecond} logs a second for ${loadSeconds} seconds`,
  isOwnOnly: true,
  notes: [
    '`crosstrail pull Z --to <folder> --sqs <url>` on the lab, which sends each message at once, as AWS does not: the delay is what crosstrail adds',
    'Named: from the PUT until the file has its name. Acknowledged: until the file is synced, the coverage that names it is stored, and its message is deleted',
    'The lab and the load run in one process on the same machine',
  ],
  run: async ({ rounds, divisor, disk }) => {
    const runs: Delays[] = []
    for (let round = 0; round < rounds; round++) {
      runs.push(await measureDelays(join(disk, 'queue-delay'), Math.max(2, loadSeconds / divisor)))
    }
    return sectionOf(runs)
  },
}

interface Delays {
  readonly logs: number
  readonly named: readonly number[]
  readonly acknowledged: readonly number[]
  /** Of one core. */
  readonly cpuShare: number
  readonly peakMegabytes: number
}

function sectionOf(runs: readonly Delays[]): Section {
  const median = (of: (run: Delays) => number) => spreadOf(runs.map(of)).median
  const ms = (of: (run: Delays) => readonly number[], share: number) => median((run) => quantile(of(run), share))
  const line = (name: string, of: (run: Delays) => readonly number[]) => [
    name,
    ...[0.5, 0.95, 1].map((share) => ms(of, share).toFixed(0)),
  ]
  const acknowledged = ms((run) => run.acknowledged, 0.5)
  const cpuShare = `${(median((run) => run.cpuShare) * 100).toFixed(0)} %`
  return {
    head: ['', 'median ms', '95th percentile ms', 'longest ms', 'CPU of one core', 'peak MB'],
    cells: [
      [...line('named', (run) => run.named), '', ''],
      [...line('acknowledged', (run) => run.acknowledged), cpuShare, median((run) => run.peakMegabytes).toFixed(0)],
    ],
    verdicts: [
      {
        what: 'from the PUT until it is durable, covered and acknowledged: median ≤ 1 s',
        got: `${acknowledged.toFixed(0)} ms`,
        reached: acknowledged <= 1000,
      },
    ],
  }
}

async function measureDelays(folder: string, seconds: number): Promise<Delays> {
  const world = await labWorld()
  try {
    const { lab } = world
    lab.principals.zAudit.user.policies.push({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }],
    })
    const queue = lab.queues.create('new-logs', { account: labAccounts.Z })
    const deletedAt = followDeletes(queue)
    const announcing = lab.announce({ queue, shape: 's3' })
    const sqs = ['--sqs', queue.url, '--sqs-region', 'us-east-1']
    const { child, result } = world.start(['pull', 'Z', '--to', folder, '--since', '1d ago', ...sqs])
    try {
      await untilSaid(child, /^(?:pulled|swept) /m)
      const cpuBefore = cpuSecondsOf(child)
      const startedAt = performance.now()
      const putAt = await putLogs(lab.bucket(), seconds)
      await untilTrue(() => queue.bodies.length === 0, 'messages are still in the queue')
      const cpuShare = (cpuSecondsOf(child) - cpuBefore) / ((performance.now() - startedAt) / 1000)
      const peakMegabytes = peakMegabytesOf(child)
      child.kill('SIGTERM')
      const { exitCode, stderr } = await result
      if (exitCode !== 143) throw new Error(`the pull ended with ${String(exitCode)}: ${stderr}`)
      const delays = (endOf: (key: string) => number) => [...putAt].map(([key, atMs]) => endOf(key) - atMs)
      return {
        logs: putAt.size,
        named: delays((key) => statSync(join(folder, key)).ctimeMs),
        acknowledged: delays((key) => deletedAt.get(key) ?? Number.NaN),
        cpuShare,
        peakMegabytes,
      }
    } finally {
      child.kill('SIGKILL')
      announcing.stop()
    }
  } finally {
    await world.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Puts logs at the rate, and catches up if this process was late. Returns when each one was put. */
async function putLogs(bucket: { put(key: string, body: Buffer): unknown }, seconds: number) {
  const random = seededRandom(3)
  const bodies = Array.from({ length: 20 }, () => bodyOf(random))
  const putAt = new Map<string, number>()
  const startMs = Date.now()
  for (let sinceMs = 0; sinceMs < seconds * 1000; sinceMs = Date.now() - startMs) {
    while (putAt.size < (sinceMs / 1000) * logsPerSecond) {
      const name = { logAccount: pick(random, logAccounts), region: pick(random, regions), kind: 'events' as const }
      const nowMs = Date.now()
      const parts = { ...name, deliveredAtMs: nowMs, random: randomText(random, alphanumerics, 16) }
      const key = formatKey(parts, { prefix: '' })
      bucket.put(key, bodies[putAt.size % bodies.length] ?? Buffer.alloc(0))
      putAt.set(key, performance.timeOrigin + performance.now())
    }
    await sleep(5)
  }
  return putAt
}

function bodyOf(random: ReturnType<typeof seededRandom>): Buffer {
  const toMs = Date.now()
  const about = { account: labAccounts.B, region: 'us-east-1', kind: 'events' as const }
  const records = sampleRecords(random, { ...about, count: recordsPerLog, fromMs: toMs - 900_000, toMs })
  return gzipSync(JSON.stringify({ Records: records }))
}

/** Returns when the message of each key was deleted, by the clock of the files. */
function followDeletes(queue: Queue): ReadonlyMap<string, number> {
  const keys = new Map<string, readonly string[]>()
  const deletedAt = new Map<string, number>()
  const receive = queue.receive.bind(queue)
  const remove = queue.delete.bind(queue)
  queue.receive = (...asked) => {
    const given = receive(...asked)
    for (const { receipt, body } of given) {
      const announcement = readAnnouncement(body)
      if (announcement.type === 'logs')
        keys.set(
          receipt,
          announcement.objects.map(({ key }) => key),
        )
    }
    return given
  }
  queue.delete = (receipt) => {
    const nowMs = performance.timeOrigin + performance.now()
    for (const key of keys.get(receipt) ?? []) deletedAt.set(key, nowMs)
    return remove(receipt)
  }
  return deletedAt
}

async function untilSaid({ stderr }: ChildProcess, wanted: RegExp): Promise<void> {
  if (stderr === null) throw new Error('stderr is not piped')
  let text = ''
  while (!wanted.test(text)) {
    const [some] = (await once(stderr, 'data', { signal: AbortSignal.timeout(longestWaitMs) })) as [string]
    text += some
  }
}

async function untilTrue(isTrue: () => boolean, otherwise: string): Promise<void> {
  const endMs = performance.now() + longestWaitMs
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(otherwise)
    await sleep(20)
  }
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** User and system time so far. */
function cpuSecondsOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

function peakMegabytesOf({ pid }: ChildProcess): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  if (value === undefined || sorted.some(Number.isNaN)) throw new Error('not each log was measured')
  return value
}
