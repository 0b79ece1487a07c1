import { labBucket } from '../../src/lab/fixture.ts'
import type { Entrant } from './entrant.ts'
import type { CommandLine } from './measure.ts'
import { inFolder, isInstalled } from './tools.ts'

/** How a tool reaches the bucket. */
export interface S3Access {
  readonly endpoint: string
  readonly keys: { readonly id: string; readonly secret: string }
  /** PEM of the authority that signed the server's certificate. */
  readonly authorityFile?: string | undefined
  /** The address of a CONNECT proxy for HTTPS. */
  readonly proxy?: string | undefined
}

/** Tools that only some tables need: s3cmd makes one call at a time, and the AWS CLI takes minutes for each round. */
export const slowPeers = ['s3cmd', 'aws s3'] as const

const trail = `s3://${labBucket}/AWSLogs`

/** Entrants for the peers that are installed, without those named; `calls` is how many each may have in flight. */
export function peers(access: S3Access, calls: number) {
  const env = environmentOf(access)
  const programs = programsOf(access, calls)
  const all = (works: Readonly<Record<string, CommandLine>>, without: readonly string[]): Entrant[] =>
    Object.entries(works).flatMap(([tool, args]): Entrant[] => {
      const program = programs[tool] ?? []
      if (without.includes(tool) || !isInstalled(program[0] ?? '')) return []
      return [{ tool, env, command: (folder) => [...program, ...inFolder(args, folder)] }]
    })
  return {
    download: (without: readonly string[] = []) => all(downloads(access), without),
    sync: (without: readonly string[] = []) => all(syncs(access), without),
    list: (without: readonly string[] = []) => all(listings(access), without),
  }
}

/** s5cmd has no option for a certificate authority, but Go's TLS reads SSL_CERT_FILE. */
export function environmentOf({ keys, authorityFile, proxy }: S3Access): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: keys.id,
    AWS_SECRET_ACCESS_KEY: keys.secret,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    RCLONE_CONFIG: '/dev/null',
    ...(authorityFile !== undefined && { SSL_CERT_FILE: authorityFile }),
    ...(proxy !== undefined && { HTTPS_PROXY: proxy }),
  }
}

function programsOf({ endpoint, authorityFile }: S3Access, calls: number): Record<string, CommandLine> {
  const { host } = new URL(endpoint)
  const trust = trustOf(authorityFile)
  const both = ['--transfers', `${calls}`, '--checkers', `${calls}`]
  return {
    // One listing for all folders, and times from the listing: otherwise rclone requests each object twice.
    rclone: ['rclone', ...trust.rclone, '--fast-list', '--use-server-modtime', ...both],
    s5cmd: ['s5cmd', '--endpoint-url', endpoint, '--numworkers', `${calls}`],
    'aws s3': ['aws', ...trust.aws, '--endpoint-url', endpoint, 's3'],
    s3cmd: ['s3cmd', '-c', '/dev/null', ...trust.s3cmd, `--host=${host}`, `--host-bucket=${host}`],
  }
}

/** Options, because AWS_CA_BUNDLE makes rclone fail. */
function trustOf(authorityFile: string | undefined) {
  if (authorityFile === undefined) return { rclone: [], aws: [], s3cmd: ['--no-ssl'] }
  return {
    rclone: ['--ca-cert', authorityFile],
    aws: ['--ca-bundle', authorityFile],
    s3cmd: ['--ssl', `--ca-certs=${authorityFile}`],
  }
}

function downloads(access: S3Access): Record<string, CommandLine> {
  return {
    rclone: ['copy', rcloneTrail(access), '{}'],
    s5cmd: ['cp', `${trail}/*`, '{}/'],
    'aws s3': ['cp', '--recursive', '--only-show-errors', trail, '{}'],
    s3cmd: ['get', '--recursive', '--no-progress', `${trail}/`, '{}/'],
  }
}

function syncs(access: S3Access): Record<string, CommandLine> {
  return {
    rclone: ['copy', rcloneTrail(access), '{}'],
    s5cmd: ['sync', `${trail}/*`, '{}/'],
    'aws s3': ['sync', '--only-show-errors', trail, '{}'],
  }
}

function listings(access: S3Access): Record<string, CommandLine> {
  return {
    rclone: ['lsf', '--recursive', '--files-only', '--format', 'pst', rcloneTrail(access)],
    s5cmd: ['ls', `${trail}/*`],
    'aws s3': ['ls', '--recursive', `${trail}/`],
    s3cmd: ['ls', '--recursive', `${trail}/`],
  }
}

function rcloneTrail({ endpoint }: S3Access): string {
  return `:s3,provider=Other,env_auth,no_check_bucket,region=us-east-1,endpoint="${endpoint}":${labBucket}/AWSLogs`
}
