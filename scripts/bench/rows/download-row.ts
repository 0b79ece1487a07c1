import { compare, type Reach } from '../compare.ts'
import type { Entrant } from '../entrant.ts'
import type { Bench, Section } from '../section.ts'
import { crosstrail, demandFiles, withCheck } from '../tools.ts'
import { realTree } from '../trees.ts'
import { type World, withWorld, type WorldOptions } from '../world.ts'

/** crosstrail's download of everything into the entrant's folder. */
export const download = ['download', 'Z', '--to', '{}', '--quiet'] as const

/** What the other tools are called with, for the notes of a row. */
export const peersDownload =
  '`rclone copy --fast-list --use-server-modtime`, `s5cmd cp`, `aws s3 cp --recursive`, `s3cmd get --recursive`'

export interface Download {
  readonly scheme?: 'https'
  /** Default: 20,000. `--quick` uses a twentieth. */
  readonly objects?: number
  readonly latencyMs?: number
  readonly onDisk?: boolean
  readonly reach?: readonly Reach[]
  readonly entrants: (world: World) => readonly Entrant[]
}

/** Lets tools fetch the same logs of about 6 KB, and checks that each fetched all of them. */
export function downloads(bench: Bench, asked: Download): Promise<Section> {
  const { scheme = 'http', latencyMs = 0, onDisk = false, reach = [], entrants } = asked
  const objects = (asked.objects ?? 20_000) / bench.divisor
  const options: WorldOptions = { ...realTree(bench.memory, objects), scheme, latencyMs, below: bench.memory }
  return withWorld(options, (world) => {
    const checked = entrants(world).map((entrant) => withCheck(entrant, demandFiles(objects)))
    const { rounds, against, memory, disk } = bench
    return compare({ objects, reach, entrants: checked }, { rounds, against, below: onDisk ? disk : memory })
  })
}

/** With the defaults, which are judged, and with one thread. */
export function withAndWithoutThreads(env: World['env'], args: readonly string[]): Entrant[] {
  return [crosstrail(env, args), crosstrail(env, [...args, '--threads', '1'], 'crosstrail --threads 1')]
}

export function wall(than: string, atMost: number): Reach {
  return { than, measure: 'wall', atMost }
}

export function cpu(than: string, atMost: number): Reach {
  return { than, measure: 'CPU', atMost }
}
