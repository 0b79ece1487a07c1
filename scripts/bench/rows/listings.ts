import { compare, type Reach } from '../compare.ts'
import { measure } from '../measure.ts'
import { peers, slowPeers } from '../peers.ts'
import type { Bench, Row, Section, Verdict } from '../section.ts'
import { showSpread, type Spread, spreadOf } from '../statistics.ts'
import { crosstrail } from '../tools.ts'
import { realTree, syntheticTree } from '../trees.ts'
import { withWorld } from '../world.ts'

const list = ['list', 'Z', '--output', 'json', '--quiet'] as const
const summary = ['list', 'Z', '--summary', '--quiet'] as const
const summed = 'crosstrail --summary'
const others = '`rclone lsf --recursive --fast-list`, `s5cmd ls`, `aws s3 ls --recursive`, `s3cmd ls --recursive`'

/** Rows that list keys and fetch nothing. */
export const listingRows: readonly Row[] = [
  {
    name: 'list',
    title: 'List, the whole process',
    notes: [`\`crosstrail list Z --output json\`; ${others}`],
    run: (bench) => {
      const objects = 20_000 / bench.divisor
      return withWorld({ ...realTree(bench.memory, objects), latencyMs: 0, below: bench.memory }, ({ env, s3 }) =>
        compare(
          {
            objects,
            reach: [wall('s5cmd', 0.8), wall('rclone', 0.6)],
            entrants: [crosstrail(env, list), ...peers(s3, 64).list(bench.without)],
          },
          { rounds: bench.rounds, against: bench.against, below: bench.memory },
        ),
      )
    },
  },
  {
    name: 'list-many',
    title: 'List a million keys',
    notes: [
      `\`crosstrail list Z --output json\` and \`--summary\` over 20 log accounts, 17 regions and 400 days; ${others}`,
      'The peak is to be the same for a tenth of the keys',
    ],
    run: listMany,
  },
  {
    name: 'quiet-window',
    title: '400 quiet days of 20 log accounts and 17 regions, 30 ms of latency',
    isOwnOnly: true,
    notes: ['`crosstrail list Z --from <400 days ago>`: 340 places, each with a few logs'],
    run: quietWindow,
  },
]

async function listMany(bench: Bench): Promise<Section> {
  const count = 1_000_000 / bench.divisor
  const spread = { logAccounts: 20, days: 400 }
  const few = await withWorld(
    { ...syntheticTree(bench.memory, { ...spread, count: count / 10 }), latencyMs: 0, below: bench.memory },
    async ({ env }) => {
      const peakOf = async (args: readonly string[]) => {
        const peaks: number[] = []
        for (let round = 0; round < bench.rounds; round++) {
          peaks.push((await measure(crosstrail(env, args).command(''), env)).peakMegabytes)
        }
        return spreadOf(peaks)
      }
      return { json: await peakOf(list), summary: await peakOf(summary) }
    },
  )
  const section = await withWorld(
    { ...syntheticTree(bench.memory, { ...spread, count }), latencyMs: 0, below: bench.memory },
    ({ env, s3 }) =>
      compare(
        {
          objects: count,
          reach: [wall('rclone', 1 / 8), { of: summed, ...wall('rclone', 1 / 8) }],
          entrants: [crosstrail(env, list), crosstrail(env, summary, summed), ...peers(s3, 64).list(slowPeers)],
        },
        { rounds: bench.rounds, against: bench.against, below: bench.memory },
      ),
  )
  return {
    ...section,
    verdicts: [
      ...section.verdicts,
      ...peakVerdicts('NDJSON', section.peaks?.['crosstrail'], few.json),
      ...peakVerdicts('--summary', section.peaks?.[summed], few.summary),
    ],
  }
}

function peakVerdicts(what: string, many: Spread | undefined, tenth: Spread): Verdict[] {
  if (many === undefined) return []
  return [
    { what: `peak, ${what} ≤ 200 MB`, got: `${many.most.toFixed(0)} MB at most`, reached: many.most <= 200 },
    {
      what: `peak, ${what}: the same as for a tenth of the keys, within 10 %`,
      got: `${showSpread(many, 0)} MB, ${showSpread(tenth, 0)} for the tenth`,
      reached: many.median <= tenth.median * 1.1,
    },
  ]
}

async function quietWindow({ memory, rounds }: Bench): Promise<Section> {
  const logAccounts = 20
  const places = logAccounts * 17
  const tree = syntheticTree(memory, { count: places * 4, logAccounts, days: 400 })
  return withWorld({ ...tree, latencyMs: 30, below: memory }, async ({ env, server }) => {
    const calls: number[] = []
    const walls: number[] = []
    const cpus: number[] = []
    const entrant = crosstrail(env, ['list', 'Z', '--from', '2025-10-01', '--until', '2026-11-05', '--quiet'])
    for (let round = 0; round < rounds; round++) {
      await server.takeListCalls()
      const { wallSeconds, cpuSeconds } = await measure(entrant.command(''), env)
      calls.push(await server.takeListCalls())
      walls.push(wallSeconds)
      cpus.push(cpuSeconds)
    }
    const [wallMedian, callMedian] = [spreadOf(walls).median, spreadOf(calls).median]
    // Each place is one page. Before them: the trail's accounts, the folders of each account, the regions of each.
    const expected = places + 1 + 2 * logAccounts
    return {
      head: ['', 'LIST calls', 'wall s', 'CPU s'],
      cells: [['crosstrail', `${callMedian}`, wallMedian.toFixed(2), spreadOf(cpus).median.toFixed(2)]],
      verdicts: [
        {
          what: `LIST calls ≤ ${expected}: ${places} places of one page, and ${1 + 2 * logAccounts} to find them`,
          got: `${callMedian}`,
          reached: callMedian <= expected,
        },
        { what: 'wall ≤ 2 s', got: `${wallMedian.toFixed(2)} s`, reached: wallMedian <= 2 },
      ],
    }
  })
}

function wall(than: string, atMost: number): Reach {
  return { than, measure: 'wall', atMost }
}
