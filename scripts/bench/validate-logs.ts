import { execFileSync } from 'node:child_process'
import { labBucket } from '../../src/lab/fixture.ts'
import type { Entrant } from './entrant.ts'
import { environmentOf, type S3Access } from './peers.ts'
import { withTexts } from './printed.ts'
import type { SignedTrail } from './signed-trail.ts'
import { isInstalled } from './tools.ts'

export const validateLogs = 'aws cloudtrail validate-logs'

/** The first versions that read AWS_ENDPOINT_URL. */
const firstVersions = { 1: [1, 29, 0], 2: [2, 13, 0] } as const

/** The AWS CLI's validation of one chain as an entrant. None, with a message, if the AWS CLI is missing or too old. */
export function validating(
  access: S3Access,
  { logAccount, region, trailName, from, until }: SignedTrail,
  { digests, logs }: { readonly digests: number; readonly logs: number },
): Entrant[] {
  const missing = whyNoValidateLogs()
  if (missing !== undefined) {
    console.error(`${validateLogs} is left out: ${missing}`)
    return []
  }
  const { endpoint, authorityFile } = access
  const env = {
    ...environmentOf(access),
    AWS_ENDPOINT_URL: endpoint,
    AWS_DEFAULT_REGION: region,
    ...(authorityFile !== undefined && { AWS_CA_BUNDLE: authorityFile }),
  }
  const arn = `arn:aws:cloudtrail:us-east-1:${logAccount}:trail/${trailName}`
  const window = ['--start-time', from, '--end-time', until]
  const command = ['aws', 'cloudtrail', 'validate-logs', '--trail-arn', arn, '--s3-bucket', labBucket, ...window]
  const entrant: Entrant = { tool: validateLogs, env, command: () => command }
  return [withTexts(entrant, [`${digests}/${digests} digest files valid`, `${logs}/${logs} log files valid`], 'stdout')]
}

/** Why the AWS CLI cannot be measured; undefined if it can. */
export function whyNoValidateLogs(): string | undefined {
  if (!isInstalled('aws')) return 'the AWS CLI is not installed'
  const said = execFileSync('aws', ['--version'], { encoding: 'utf8' })
  const version = /^aws-cli\/(\d+)\.(\d+)\.(\d+)/.exec(said)?.slice(1).map(Number) ?? []
  const first = firstVersions[version[0] === 1 ? 1 : 2]
  const isOld = compareVersions(version, first) < 0
  return isOld ? `${said.trim()} does not read AWS_ENDPOINT_URL; ${first.join('.')} does` : undefined
}

function compareVersions(one: readonly number[], other: readonly number[]): number {
  for (const [at, part] of other.entries()) {
    const difference = (one[at] ?? 0) - part
    if (difference !== 0) return difference
  }
  return 0
}
