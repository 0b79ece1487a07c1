import { rmSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { labBucket } from '../../../src/lab/fixture.ts'
import type { RedisServer } from '../../../test/real/redis/redis-server.ts'
import { type Fleet, withFleet } from '../fleet-workers.ts'
import { measure } from '../measure.ts'
import type { Bench, Row, Section } from '../section.ts'
import { showSpread, type Spread, spreadOf } from '../statistics.ts'
import { crosstrail, demandFiles } from '../tools.ts'
import { realTree, syntheticTree } from '../trees.ts'
import { withWorld, type World } from '../world.ts'

const latencyMs = 100
/** Of each worker, and of the local run. */
const concurrency = 16
/** All days of the trees of seven days. */
const week = ['--from', '2025-10-01', '--until', '2025-10-08'] as const

/** Runs that workers on this machine share through Redis. */
export const fleetRows: readonly Row[] = [
  {
    name: 'fleet-workers',
    title: 'Four workers, 100 ms of latency',
    isOwnOnly: true,
    notes: [
      '`crosstrail download Z --fleet <url>`, with one and with four `crosstrail worker --concurrency 16`',
      'All workers, the servers and the command share the cores of this machine',
    ],
    run: fourWorkers,
  },
  {
    name: 'fleet-queue',
    title: '1,000 slices from a queue, 100 ms of latency',
    isOwnOnly: true,
    notes: ['`crosstrail download Z --concurrency 16`, and the same with `--fleet` and one worker'],
    run: queueOverhead,
  },
  {
    name: 'fleet-memory',
    title: 'A dry run of a million keys by four workers',
    isOwnOnly: true,
    notes: [
      '`crosstrail copy Z --dry-run --fleet <url>` of 20 log accounts, 17 regions and 400 days',
      'The peaks are to be the same for 40 % more keys',
    ],
    run: memory,
  },
]

async function fourWorkers({ rounds, memory: below, divisor }: Bench): Promise<Section> {
  const objects = 24_000 / divisor
  const walls = new Map<number, number[]>([1, 4].map((workers) => [workers, []]))
  await withWorld({ ...realTree(below, objects), latencyMs, below }, async (world) => {
    for (let round = 0; round < rounds; round++) {
      for (const [workers, found] of walls) {
        found.push(
          await withFleet({ env: world.env, workers, concurrency }, (fleet) => download(world, fleet, below, objects)),
        )
      }
    }
  })
  const [one = [], four = []] = [...walls.values()]
  const gain = spreadOf(one.map((seconds, round) => seconds / (four[round] ?? Number.NaN)))
  return {
    head: ['workers', 'wall s', 'objects/s'],
    cells: [...walls].map(([workers, seconds]) => {
      const wall = spreadOf(seconds)
      return [`${workers}`, showSpread(wall, 2), Math.round(objects / wall.median).toLocaleString('en')]
    }),
    verdicts: [{ what: '4 workers ≥ 3.6 × one', got: `${showSpread(gain, 2)} ×`, reached: gain.median >= 3.6 }],
  }
}

async function queueOverhead({ rounds, memory: below, divisor }: Bench): Promise<Section> {
  const logAccounts = Math.ceil(60 / divisor)
  const objects = logAccounts * 170
  const tree = syntheticTree(below, { count: objects, logAccounts, days: 7 })
  const local: number[] = []
  const queued: number[] = []
  await withWorld({ ...tree, latencyMs, below }, async (world) => {
    for (let round = 0; round < rounds; round++) {
      local.push(await download(world, undefined, below, objects))
      queued.push(
        await withFleet({ env: world.env, workers: 1, concurrency }, (fleet) => download(world, fleet, below, objects)),
      )
    }
  })
  const ratio = spreadOf(queued.map((seconds, round) => seconds / (local[round] ?? Number.NaN)))
  const slices = (logAccounts * 17).toLocaleString('en')
  return {
    head: ['', 'wall s'],
    cells: [
      ['local', showSpread(spreadOf(local), 2)],
      [`queue, ${slices} slices`, showSpread(spreadOf(queued), 2)],
    ],
    verdicts: [{ what: 'wall ≤ 1.05 × local', got: `${showSpread(ratio, 2)} ×`, reached: ratio.median <= 1.05 }],
  }
}

/** Downloads the tree of seven days, and returns how long it took. */
async function download({ env }: World, fleet: Fleet | undefined, below: string, objects: number): Promise<number> {
  const folder = join(below, 'fleet')
  mkdirSync(folder)
  try {
    const how = fleet === undefined ? ['--concurrency', `${concurrency}`] : ['--fleet', fleet.url]
    const args = ['download', 'Z', ...week, '--to', folder, ...how, '--quiet']
    const { wallSeconds } = await measure(crosstrail(env, args).command(folder), env)
    demandFiles(objects)(folder)
    return wallSeconds
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Peaks {
  /** Megabytes, of the worker that needs most. */
  readonly worker: number
  readonly command: number
  readonly redis: number
  readonly seconds: number
}

async function memory({ rounds, memory: below, divisor }: Bench): Promise<Section> {
  const many = 1_000_000 / divisor
  const counts = [many, 1.4 * many]
  const found = new Map<number, Peaks[]>()
  for (const count of counts) {
    const tree = syntheticTree(below, { logAccounts: 20, days: 400, count })
    await withWorld({ ...tree, latencyMs: 0, below }, async ({ env }) => {
      for (let round = 0; round < rounds; round++) {
        found.set(count, [...(found.get(count) ?? []), await dryRun(env)])
      }
    })
  }
  const spread = (count: number, of: keyof Peaks): Spread =>
    spreadOf((found.get(count) ?? []).map((peaks) => peaks[of]))
  const [few = 0, more = 0] = counts
  const flat = (what: string, of: keyof Peaks) => ({
    what: `peak of ${what}: the same for 40 % more keys, within 10 %`,
    got: `${showSpread(spread(few, of), 0)} MB, then ${showSpread(spread(more, of), 0)}`,
    reached: spread(more, of).median <= spread(few, of).median * 1.1,
  })
  const redis = spread(few, 'redis')
  return {
    head: ['keys', 'wall s', 'peak MB of a worker', 'of the command', 'of Redis'],
    cells: counts.map((count) => [
      count.toLocaleString('en'),
      showSpread(spread(count, 'seconds'), 1),
      ...(['worker', 'command', 'redis'] as const).map((of) => showSpread(spread(count, of), 0)),
    ]),
    verdicts: [
      flat('a worker', 'worker'),
      flat('the command', 'command'),
      { what: 'peak of Redis ≤ 100 MB', got: `${showSpread(redis, 0)} MB`, reached: redis.most <= 100 },
    ],
  }
}

function dryRun(env: World['env']): Promise<Peaks> {
  return withFleet({ env, workers: 4 }, async ({ url, redis, peakMegabytes }) => {
    const window = ['--from', '2025-10-01', '--until', '2026-11-05']
    const args = ['copy', 'Z', ...window, '--to', `s3://${labBucket}/copies`, '--dry-run', '--fleet', url, '--quiet']
    const { wallSeconds, peakMegabytes: command } = await measure(crosstrail(env, args).command(''), env)
    return { worker: Math.max(...peakMegabytes()), command, redis: await peakOf(redis), seconds: wallSeconds }
  })
}

async function peakOf(redis: RedisServer): Promise<number> {
  const bytes = /^used_memory_peak:(\d+)/m.exec(await redis.client.info('memory'))?.[1]
  return Number(bytes) / 1024 ** 2
}
