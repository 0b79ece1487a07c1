import { compare, type Reach } from '../compare.ts'
import { measure } from '../measure.ts'
import { peers, slowPeers } from '../peers.ts'
import type { Bench, Section, Verdict } from '../section.ts'
import { showSpread, type Spread, spreadOf } from '../statistics.ts'
import { crosstrail } from '../tools.ts'
import { realTree, syntheticTree } from '../trees.ts'
import { withWorld } from '../world.ts'
import { wall } from './download-row.ts'

const asJson = ['list', 'Z', '--output', 'json', '--quiet'] as const
const asSummary = ['list', 'Z', '--summary', '--quiet'] as const

/** The name of `list --summary` in the table. */
export const summed = 'crosstrail --summary'

/** What the other tools are called with, for the notes of a row. */
export const peersList =
  '`rclone lsf --recursive --fast-list`, `s5cmd ls`, `aws s3 ls --recursive`, `s3cmd ls --recursive`'

export interface Listing {
  readonly scheme?: 'https'
  readonly reach: readonly Reach[]
}

/** Lets tools list 20,000 logs. */
export function listFew(bench: Bench, { scheme, reach }: Listing): Promise<Section> {
  const { rounds, against, memory } = bench
  const objects = 20_000 / bench.divisor
  const options = { ...realTree(memory, objects), scheme: scheme ?? 'http', latencyMs: 0, below: memory } as const
  return withWorld(options, ({ env, s3 }) => {
    const entrants = [crosstrail(env, asJson), ...peers(s3, 64).list(bench.without)]
    return compare({ objects, reach, entrants }, { rounds, against, below: memory })
  })
}

/** Lets tools list a million keys, and checks that crosstrail needs no more memory than for a tenth of them. */
export async function listMany(bench: Bench, { scheme, reach }: Listing): Promise<Section> {
  const { rounds, against, memory } = bench
  const objects = 1_000_000 / bench.divisor
  const optionsFor = (count: number) => {
    const tree = syntheticTree(memory, { logAccounts: 20, days: 400, count })
    return { ...tree, scheme: scheme ?? 'http', latencyMs: 0, below: memory } as const
  }
  const peakOf = (args: readonly string[]) =>
    withWorld(optionsFor(objects / 10), async ({ env }) => {
      const peaks: number[] = []
      for (let round = 0; round < rounds; round++) {
        peaks.push((await measure(crosstrail(env, args).command(''), env)).peakMegabytes)
      }
      return spreadOf(peaks)
    })
  const section = await withWorld(optionsFor(objects), ({ env, s3 }) => {
    const own = [crosstrail(env, asJson), crosstrail(env, asSummary, summed)]
    const entrants = [...own, ...peers(s3, 64).list(slowPeers)]
    return compare({ objects, reach, entrants }, { rounds, against, below: memory })
  })
  // Only this build's memory is judged, and not if it is compared with another build.
  if (against !== undefined) return section
  return {
    ...section,
    verdicts: [
      ...section.verdicts,
      ...peakVerdicts('NDJSON', section.peaks?.['crosstrail'], await peakOf(asJson)),
      ...peakVerdicts('--summary', section.peaks?.[summed], await peakOf(asSummary)),
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

/** The targets for a million keys. */
export function manyReach(atMost: number): Reach[] {
  return [wall('rclone', atMost), { of: summed, ...wall('rclone', atMost) }]
}
