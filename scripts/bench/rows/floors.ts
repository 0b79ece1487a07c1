import { bareLoop } from '../bare-loop-entrant.ts'
import { compare } from '../compare.ts'
import { peers, slowPeers } from '../peers.ts'
import type { Row } from '../section.ts'
import { crosstrail, demandFiles, withCheck } from '../tools.ts'
import { realTree } from '../trees.ts'
import { withWorld } from '../world.ts'

interface Floor {
  readonly name: string
  readonly title: string
  readonly calls: number
  readonly latencyMs: number
  readonly unzip: boolean
  readonly scheme?: 'https'
}

const floors: readonly Floor[] = [
  {
    name: 'https-floor',
    title: 'The floor below a download over HTTPS',
    calls: 64,
    latencyMs: 0,
    unzip: false,
    scheme: 'https',
  },
  { name: 'floor', title: 'The floor below a download', calls: 64, latencyMs: 0, unzip: false },
  { name: 'floor-30ms', title: 'The floor at 30 ms of latency', calls: 256, latencyMs: 30, unzip: false },
  { name: 'floor-decompress', title: 'The floor below download and unzip', calls: 64, latencyMs: 0, unzip: true },
]

/** The time that the work itself takes in one thread of Node, next to crosstrail and rclone: the lower bound for one thread. */
export const floorRows: readonly Row[] = floors.map(({ name, title, calls, latencyMs, unzip, scheme }) => ({
  name,
  title,
  notes: [
    `A bare loop (\`scripts/bench/bare-loop.ts\`) with ${calls} sockets in one thread, which knows the keys, signs, checks the MD5,${unzip ? ' unzips,' : ''} writes files as crosstrail does, and does nothing else`,
    `The ratios are of the bare loop to the others${unzip ? '; the peers fetch and do not unzip' : ''}`,
  ],
  ...(scheme !== undefined && { scheme }),
  run: async ({ divisor, memory, rounds, against }) => {
    const objects = 20_000 / divisor
    const tree = realTree(memory, objects)
    return withWorld({ ...tree, scheme: scheme ?? 'http', latencyMs, below: memory }, async ({ env, server, s3 }) => {
      const bare = await bareLoop({ name: 'bare loop', memory, env, logs: tree.logs, server, calls, unzip })
      const own = crosstrail(env, ['download', 'Z', '--to', '{}', '--quiet', ...(unzip ? ['--decompress'] : [])])
      const entrants = [bare, own, ...peers(s3, calls).download(slowPeers)]
      return compare(
        { objects, reach: [], entrants: entrants.map((entrant) => withCheck(entrant, demandFiles(objects))) },
        { rounds, against, below: memory },
      )
    })
  },
}))
