import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { labBucket } from '../../src/lab/fixture.ts'
import type { Entrant } from './compare.ts'
import type { CommandLine } from './measure.ts'

type Environment = Readonly<Record<string, string>>

export const ownName = 'crosstrail'
const bin = resolve(import.meta.dirname, '../../dist/bin.cjs')

/** crosstrail as users run it: account Z, the whole trail, no option but what the work is. */
export function crosstrail(env: Environment, args: CommandLine, name = ownName): Entrant {
  return { tool: name, env, command: (folder) => [process.execPath, bin, ...inFolder(args, folder)] }
}

/** The same with the download done once before. */
export function again(entrant: Entrant): Entrant {
  return { ...entrant, before: (folder) => entrant.command(folder) }
}

export function withCheck(entrant: Entrant, check: (folder: string) => void): Entrant {
  return { ...entrant, check }
}

/** Throws where a folder does not hold so many files, crosstrail's own left out. */
export function demandFiles(count: number): (folder: string) => void {
  return (folder) => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && !entry.parentPath.includes('/.crosstrail') && !entry.name.startsWith('.'),
    )
    if (files.length !== count) throw new Error(`${folder} holds ${files.length} files, ${count} expected`)
  }
}

/** The peers that are installed, told where the bucket answers; `calls` is how many each may have in flight. */
export function peers(endpoint: string, calls: number, keys = { id: 'AKIAEXAMPLE', secret: 'secret' }) {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: keys.id,
    AWS_SECRET_ACCESS_KEY: keys.secret,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    RCLONE_CONFIG: '/dev/null',
  }
  const remote = `:s3,provider=Other,env_auth,no_check_bucket,region=us-east-1,endpoint="${endpoint}":${labBucket}`
  const host = new URL(endpoint).host
  const programs: Readonly<Record<string, CommandLine>> = {
    // One listing for all folders, and times from the listing: rclone would ask for each object a second time.
    rclone: ['rclone', '--fast-list', '--use-server-modtime', '--transfers', `${calls}`, '--checkers', `${calls}`],
    s5cmd: ['s5cmd', '--endpoint-url', endpoint, '--numworkers', `${calls}`],
    'aws s3': ['aws', '--endpoint-url', endpoint, 's3'],
    s3cmd: ['s3cmd', '-c', '/dev/null', '--no-ssl', `--host=${host}`, `--host-bucket=${host}`],
  }
  /** An entrant for each peer that is installed. */
  const all = (works: Readonly<Record<string, CommandLine>>, without: readonly string[]): Entrant[] =>
    Object.entries(works).flatMap(([tool, args]): Entrant[] => {
      const program = programs[tool] ?? []
      if (without.includes(tool) || !isInstalled(program[0] ?? '')) return []
      return [{ tool, env, command: (folder) => [...program, ...inFolder(args, folder)] }]
    })
  const trail = `s3://${labBucket}/AWSLogs`
  return {
    download: (without: readonly string[] = []) =>
      all(
        {
          rclone: ['copy', `${remote}/AWSLogs`, '{}'],
          s5cmd: ['cp', `${trail}/*`, '{}/'],
          'aws s3': ['cp', '--recursive', '--only-show-errors', trail, '{}'],
          s3cmd: ['get', '--recursive', '--no-progress', `${trail}/`, '{}/'],
        },
        without,
      ),
    sync: (without: readonly string[] = []) =>
      all(
        {
          rclone: ['copy', `${remote}/AWSLogs`, '{}'],
          s5cmd: ['sync', `${trail}/*`, '{}/'],
          'aws s3': ['sync', '--only-show-errors', trail, '{}'],
        },
        without,
      ),
    list: (without: readonly string[] = []) =>
      all(
        {
          rclone: ['lsf', '--recursive', '--files-only', '--format', 'pst', `${remote}/AWSLogs`],
          s5cmd: ['ls', `${trail}/*`],
          'aws s3': ['ls', '--recursive', `${trail}/`],
          s3cmd: ['ls', '--recursive', `${trail}/`],
        },
        without,
      ),
  }
}

/** Left out where one table with them says enough: s3cmd makes one call at a time, and the AWS CLI takes minutes for each round. */
export const slowPeers = ['s3cmd', 'aws s3'] as const

function inFolder(args: CommandLine, folder: string): string[] {
  return args.map((argument) => argument.replace('{}', folder))
}

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0
}
