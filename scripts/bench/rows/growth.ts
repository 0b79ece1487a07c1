import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { measure } from '../measure.ts'
import type { Bench, GrowthPoint, Row, Section, Verdict } from '../section.ts'
import { showSpread, type Spread, spreadOf } from '../statistics.ts'
import { crosstrail } from '../tools.ts'
import { syntheticTree } from '../trees.ts'
import { withWorld } from '../world.ts'

/** What an object costs if there are few and if there are many. */
export function growthRow(name: string, title: string, scheme?: 'https'): Row {
  return {
    name,
    title,
    ...(scheme !== undefined && { scheme }),
    isOwnOnly: true,
    notes: [
      '`crosstrail download Z --to <folder>` of objects of 512 bytes, in memory',
      'The cost of an object is what a run takes beyond one of an empty window',
    ],
    run: (bench) => growth(bench, scheme),
  }
}

async function growth({ rounds, memory, divisor }: Bench, scheme: 'http' | 'https' = 'http'): Promise<Section> {
  const points: (GrowthPoint & { readonly peak: Spread })[] = []
  for (const count of [1_000, 10_000, 100_000, 1_000_000].filter((each) => each <= 1_000_000 / divisor ** 1.5)) {
    const tree = syntheticTree(memory, { count, logAccounts: 2, days: 30 })
    points.push(
      await withWorld({ ...tree, scheme, latencyMs: 0, below: memory }, async ({ env }) => {
        const idle = await measure(
          crosstrail(env, ['list', 'Z', '--from', '2020-01-01', '--until', '2020-01-02', '--quiet']).command(''),
          env,
        )
        const walls: number[] = []
        const peaks: number[] = []
        for (let round = 0; round < rounds; round++) {
          const folder = join(memory, 'growth')
          mkdirSync(folder)
          const run = await measure(crosstrail(env, ['download', 'Z', '--to', '{}', '--quiet']).command(folder), env)
          rmSync(folder, { recursive: true })
          walls.push(run.wallSeconds)
          peaks.push(run.peakMegabytes)
        }
        const seconds = Math.max(spreadOf(walls).median - idle.wallSeconds, 0)
        const peak = spreadOf(peaks)
        const microsecondsPerObject = (seconds / count) * 1e6
        return { objects: count, microsecondsPerObject, peakMegabytes: peak.median, peak }
      }),
    )
  }
  const [few, many, most] = [10_000, 100_000, 1_000_000].map((count) => points.find(({ objects }) => objects === count))
  return {
    head: ['objects', 'µs an object', 'peak MB'],
    cells: points.map(({ objects, microsecondsPerObject, peak }) => [
      objects.toLocaleString('en'),
      microsecondsPerObject.toFixed(0),
      showSpread(peak, 0),
    ]),
    verdicts: [
      ...atMost('an object costs no more among', few, most, 1.1, ({ microsecondsPerObject }) => microsecondsPerObject),
      ...atMost('the peak is no higher for', many, most, 1.1, ({ peakMegabytes }) => peakMegabytes),
    ],
    growth: points,
  }
}

function atMost(
  what: string,
  few: GrowthPoint | undefined,
  many: GrowthPoint | undefined,
  factor: number,
  of: (point: GrowthPoint) => number,
): Verdict[] {
  if (few === undefined || many === undefined) return []
  const ratio = of(many) / of(few)
  return [
    {
      what: `${what} ${many.objects.toLocaleString('en')} than ${few.objects.toLocaleString('en')}, within ${Math.round((factor - 1) * 100)} %`,
      got: `${ratio.toFixed(2)} ×`,
      reached: ratio <= factor,
    },
  ]
}
