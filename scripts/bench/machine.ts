import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, totalmem } from 'node:os'

/** What a figure depends on. */
export interface About {
  readonly date: string
  readonly machine: string
  readonly versions: string
}

const versionCommands: readonly (readonly [string, ...string[]])[] = [
  ['rclone', '--version'],
  ['s5cmd', 'version'],
  ['aws', '--version'],
  ['s3cmd', '--version'],
  ['nginx', '-v'],
]

export function machine(): About {
  const model = cpus()[0]?.model.trim() ?? 'an unknown processor'
  const versions = versionCommands.flatMap(([program, ...args]) => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    const version = /\d+\.\d+[\w.-]*/.exec(`${stdout}${stderr}`)?.[0]
    return status === 0 && version !== undefined ? [`${program} ${version}`] : []
  })
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${availableParallelism()} cores of ${model}, ${Math.round(totalmem() / 1024 ** 3)} GB; clients and server share them`,
    versions: [`Node ${process.versions.node}`, ...versions].join(', '),
  }
}
