import { bareLoop } from '../bare-loop-entrant.ts'
import { compare } from '../compare.ts'
import type { Bench, Row, Section } from '../section.ts'
import { crosstrail, demandFiles, withCheck } from '../tools.ts'
import { realTree } from '../trees.ts'
import { withWorld } from '../world.ts'

const percentages = [5, 15, 30]
const calls = 64
const latencyMs = 30
const atMost = 1.5

/** A server that refuses calls at random, whatever their rate, so slowing down does not help. */
export const refusalsRow: Row = {
  name: 'pacing-random',
  title: 'Pacing, if refusals do not depend on the rate',
  notes: [
    `\`crosstrail download Z --to <folder> --concurrency ${calls}\` from a server with ${latencyMs} ms of latency that answers \`503 SlowDown\` to a share of all calls, at random`,
    'The plain loop (`scripts/bench/bare-loop.ts`) makes as many calls at a time and knows the keys; it makes a refused call again after a random wait and never slows down',
    'The ratios are of crosstrail to the plain loop',
  ],
  run: async (bench) => {
    const found: { percent: number; section: Section }[] = []
    for (const percent of percentages) found.push({ percent, section: await atShare(bench, percent) })
    return {
      head: ['refused', ...(found[0]?.section.head ?? [])],
      cells: found.flatMap(({ percent, section }) => section.cells.map((cells) => [`${percent} %`, ...cells])),
      verdicts: found.flatMap(({ percent, section }) =>
        section.verdicts.map((verdict) => ({ ...verdict, what: `at ${percent} % refused: ${verdict.what}` })),
      ),
    }
  },
}

function atShare({ divisor, memory, rounds, against }: Bench, percent: number): Promise<Section> {
  const objects = 10_000 / divisor
  const tree = realTree(memory, objects)
  const refusedShare = percent / 100
  return withWorld({ ...tree, latencyMs, refusedShare, below: memory }, async ({ env, server }) => {
    const plain = await bareLoop({ name: 'plain loop', memory, env, logs: tree.logs, server, calls, unzip: false })
    const own = crosstrail(env, ['download', 'Z', '--to', '{}', '--quiet', '--concurrency', `${calls}`])
    return compare(
      {
        objects,
        reach: [{ than: plain.tool, measure: 'wall', atMost }],
        entrants: [own, plain].map((entrant) => withCheck(entrant, demandFiles(objects))),
      },
      { rounds, against, below: memory },
    )
  })
}
