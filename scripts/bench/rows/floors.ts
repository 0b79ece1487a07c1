import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundledProgram } from '../bundled-program.ts'
import { compare } from '../compare.ts'
import type { Entrant } from '../entrant.ts'
import { peers, slowPeers } from '../peers.ts'
import type { Row } from '../section.ts'
import type { StoredLog } from '../stored-log.ts'
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

/** What the work itself takes in Node, beside crosstrail and rclone: no figure below it can be reached there by one thread. */
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
      const program = await bareLoop(memory, [...tree.logs])
      const bare: Entrant = {
        tool: 'bare loop',
        env,
        command: (folder) => [
          process.execPath,
          program.file,
          server.endpoint,
          program.logsFile,
          `${calls}`,
          folder,
          ...(unzip ? ['unzip'] : []),
        ],
      }
      const own = crosstrail(env, ['download', 'Z', '--to', '{}', '--quiet', ...(unzip ? ['--decompress'] : [])])
      const entrants = [bare, own, ...peers(s3, calls).download(slowPeers)]
      return compare(
        { objects, reach: [], entrants: entrants.map((entrant) => withCheck(entrant, demandFiles(objects))) },
        { rounds, against, below: memory },
      )
    })
  },
}))

async function bareLoop(memory: string, logs: readonly StoredLog[]): Promise<{ file: string; logsFile: string }> {
  const folder = join(memory, 'floor-program')
  mkdirSync(folder, { recursive: true })
  const logsFile = join(folder, 'logs.tsv')
  writeFileSync(logsFile, logs.map(({ key, sizeBytes, md5 }) => `${key}\t${sizeBytes}\t${md5}\n`).join(''))
  return { file: await bundledProgram('bare-loop', folder), logsFile }
}
