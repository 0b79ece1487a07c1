import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bareRecordsLoop } from '../bare-records-entrant.ts'
import { compare } from '../compare.ts'
import type { Entrant } from '../entrant.ts'
import { measure } from '../measure.ts'
import { withTexts } from '../printed.ts'
import type { Bench, GrowthPoint, Row, Section } from '../section.ts'
import { type SignedSpread, type SignedTrail, writeSignedTrail } from '../signed-trail.ts'
import { showSpread, type Spread, spreadOf } from '../statistics.ts'
import { crosstrail } from '../tools.ts'
import { validateLogs, validating } from '../validate-logs.ts'
import { withWorld } from '../world.ts'
import { cpu, wall } from './download-row.ts'

const fewLogs = 2_000
const manyLogs = 20_000
const mirror = `${manyLogs.toLocaleString('en')} logs of about 6 KB that 240 digests of 10 chains list, in memory`

/** Proving that logs are complete and unchanged. */
export const verifyRows: readonly Row[] = [
  ...[0, 30].map((latencyMs): Row => ({
    name: latencyMs === 0 ? 'verify-bucket' : `verify-bucket-${latencyMs}ms`,
    title: `Verify 24 digests and 2,000 logs over HTTPS, ${latencyMs === 0 ? 'no latency' : `${latencyMs} ms of latency`}`,
    notes: [
      'One day of one account and region: `crosstrail verify Z --from <start> --until <end>`; `aws cloudtrail validate-logs`',
      'crosstrail lists the bucket too, to find logs that no digest lists, and assumes its role',
      ...(latencyMs === 0
        ? ['Starting takes most of the time of crosstrail here, so only the row with latency has a target']
        : []),
    ],
    scheme: 'https',
    run: (bench) => verifyBucket(bench, latencyMs),
  })),
  {
    name: 'verify-mirror',
    title: 'Verify a mirror',
    notes: [
      `${mirror}: \`crosstrail verify --dir <folder> --keys <file> --threads 1\``,
      'The bare loop (`scripts/bench/bare-records.ts`) reads and unzips the same files in one thread of Node, computes their SHA-256, and compares nothing',
    ],
    run: (bench) =>
      inMirror(bench, async ({ env, entrant, trail }) => ({
        // 0.6 of what it reaches per core.
        reach: [cpu('bare gunzip + SHA-256', 1.666)],
        entrants: [
          entrant(1, 'crosstrail'),
          await bareRecordsLoop({ memory: bench.memory, env, root: trail.root, work: 'hash' }),
        ],
      })),
  },
  {
    name: 'verify-threads',
    title: 'Verify a mirror with two threads',
    notes: [`${mirror}: the same with \`--threads <n>\``, 'A ratio above 1 is faster than with one'],
    run: async (bench) => {
      const section = await inMirror(bench, ({ entrant }) =>
        Promise.resolve({ reach: [], entrants: [entrant(1, '--threads 1'), entrant(2, '--threads 2')] }),
      )
      if (bench.against !== undefined) return section
      const gain = section.bars?.find(({ name }) => name === '--threads 2')?.wallRatio ?? Number.NaN
      return {
        ...section,
        verdicts: [{ what: '2 threads ≥ 1.6 × one', got: `${gain.toFixed(2)} ×`, reached: gain >= 1.6 }],
      }
    },
  },
  {
    name: 'verify-digests',
    title: 'Cost of verification as digests grow',
    isOwnOnly: true,
    notes: [
      'Hourly digests of 100 chains, without logs, in memory: `crosstrail verify --dir <folder> --keys <file>`',
      'The time of a digest is the whole run divided by the digests, with start-up',
    ],
    run: growingDigests,
  },
]

/** Removed as soon as they were measured: 100,000 digests and their signatures take a gigabyte of memory. */
async function withTrail<Result>(
  { memory }: Bench,
  spread: SignedSpread,
  act: (trail: SignedTrail, keysFile: string) => Promise<Result>,
): Promise<Result> {
  const root = join(memory, 'signed-trail')
  const keysFile = join(memory, 'public-keys.json')
  try {
    const trail = await writeSignedTrail(root, spread)
    writeFileSync(keysFile, trail.publicKeys)
    return await act(trail, keysFile)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function windowOf({ from, until }: SignedTrail): readonly string[] {
  return ['--from', from, '--until', until]
}

/** What it prints if it verified everything. */
function verified(entrant: Entrant, digests: number, logs: number): Entrant {
  const [all, listed] = [digests, logs].map((count) => count.toLocaleString('en'))
  return withTexts(entrant, [`verified ${all} digests of ${all} and ${listed} logs of ${listed}`], 'stderr')
}

function verifyBucket(bench: Bench, latencyMs: number): Promise<Section> {
  const { rounds, against, memory, divisor } = bench
  const logs = Math.ceil(fewLogs / divisor)
  return withTrail(bench, { chains: 1, hours: 24, logs }, (trail) => {
    const { root, objects, publicKeys } = trail
    const served = { bodies: { root }, logs: objects, publicKeys, latencyMs, scheme: 'https', below: memory } as const
    return withWorld(served, ({ env, s3 }) => {
      const own = verified(crosstrail(env, ['verify', 'Z', ...windowOf(trail)]), 24, logs)
      return compare(
        {
          objects: logs + 24,
          reach: latencyMs === 0 ? [] : [wall(validateLogs, 0.05)],
          entrants: [own, ...(against === undefined ? validating(s3, trail, { digests: 24, logs }) : [])],
        },
        { rounds, against, below: memory },
      )
    })
  })
}

interface MirrorTools {
  readonly env: Entrant['env']
  readonly trail: SignedTrail
  readonly entrant: (threads: number, name: string) => Entrant
}

type Works = Pick<Parameters<typeof compare>[0], 'reach' | 'entrants'>

function inMirror(bench: Bench, works: (tools: MirrorTools) => Promise<Works>): Promise<Section> {
  const { rounds, against, memory, divisor } = bench
  const logs = Math.ceil(manyLogs / divisor)
  const env = plainEnvironment()
  return withTrail(bench, { chains: 10, hours: 24, logs }, async (trail, keysFile) => {
    const entrant = (threads: number, name: string) =>
      verified(crosstrail(env, [...inFolder(trail, keysFile), '--threads', `${threads}`], name), 240, logs)
    const found = await works({ env, trail, entrant })
    return compare({ objects: logs + 240, ...found }, { rounds, against, below: memory })
  })
}

function inFolder(trail: SignedTrail, keysFile: string): readonly string[] {
  return ['verify', '--dir', trail.root, '--keys', keysFile, ...windowOf(trail)]
}

/** Without credentials or a config: a mirror needs none. */
function plainEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C' }
}

async function growingDigests(bench: Bench): Promise<Section> {
  const { rounds, divisor } = bench
  const env = plainEnvironment()
  const chains = Math.ceil(100 / divisor)
  const points: (GrowthPoint & { readonly peak: Spread; readonly walls: Spread; readonly cpu: Spread })[] = []
  for (const hours of [10, 100, 1_000]) {
    const found = await withTrail(bench, { chains, hours, logs: 0 }, async (trail, keysFile) => {
      const runs = []
      for (let round = 0; round < rounds; round++) {
        const command = crosstrail(env, [...inFolder(trail, keysFile), '--threads', '1']).command('')
        runs.push(await measure(command, env))
      }
      return runs
    })
    const objects = chains * hours
    const walls = spreadOf(found.map((run) => run.wallSeconds))
    const peak = spreadOf(found.map((run) => run.peakMegabytes))
    points.push({
      objects,
      walls,
      peak,
      cpu: spreadOf(found.map((run) => run.cpuSeconds)),
      microsecondsPerObject: (walls.median / objects) * 1e6,
      peakMegabytes: peak.median,
    })
  }
  const [, many, most] = points
  const growth = (most?.peakMegabytes ?? NaN) - (many?.peakMegabytes ?? NaN)
  return {
    head: ['digests', 'wall s', 'CPU s', 'µs for each', 'peak MB'],
    cells: points.map(({ objects, walls, cpu: used, microsecondsPerObject, peak }) => [
      objects.toLocaleString('en'),
      showSpread(walls, 2),
      showSpread(used, 2),
      microsecondsPerObject.toFixed(0),
      showSpread(peak, 0),
    ]),
    verdicts: [
      { what: 'ten times the digests take at most 32 MB more', got: `${growth.toFixed(0)} MB`, reached: growth <= 32 },
    ],
    growth: points,
  }
}
