import { labAccounts } from '../../../src/lab/fixture.ts'
import type { Bucket } from '../../../src/lab/stored-bucket.ts'
import type { LabOptions } from '../../../src/lab/lab.ts'
import { type CommandOptions, labWorld, type LabWorld } from './lab-world.ts'
import type { CommandResult, RunningCommand } from './crosstrail.ts'
import { digestOf, sortedRecord, storedLogs } from './stored-logs.ts'

export const archiveName = 'example-archive'
export const foreignName = 'z-archive'
export const archive = `s3://${archiveName}/trail`
export const foreignArchive = `s3://${foreignName}/trail`

/** A lab in which Z may copy to a bucket of A, and `Zarchive`, a role in Z's own account, may write to a bucket of Z. */
export interface CopyWorld extends Omit<LabWorld, 'run' | 'start'> {
  readonly archive: Bucket
  readonly foreign: Bucket
  readonly configFile: string
  run(args: readonly string[], options?: CommandOptions): Promise<CommandResult>
  start(args: readonly string[], options?: CommandOptions): RunningCommand
}

export async function copyWorld(options: LabOptions = {}): Promise<CopyWorld> {
  return mayCopy(await labWorld(options), ['copy'])
}

/** Lets the accounts of a lab copy, and use these verbs. */
export function mayCopy(world: LabWorld, verbs: readonly string[]): CopyWorld {
  const { lab } = world
  const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] }
  const roleOfZ = lab.iam.role('arn:aws:iam::111111111111:role/CloudTrailLogs-Z')
  if (roleOfZ === undefined) throw new Error('the lab has no role for Z')
  roleOfZ.policies = [all]
  lab.iam.addRole({
    account: labAccounts.Z,
    name: 'LogArchive',
    trust: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${labAccounts.Z}:root` }, Action: 'sts:AssumeRole' },
      ],
    },
    policies: [all],
  })
  lab.principals.zAudit.user.policies = [all]
  const config = world.configWith(
    (text) =>
      `${text.replaceAll('[list, download]', `[list, download, ${verbs.join(', ')}]`)}  Zarchive:
    id: "${labAccounts.Z}"
    role: arn:aws:iam::${labAccounts.Z}:role/LogArchive
    credentials: { profile: z-audit }
    reads: own
    allow: [copy]
`,
  )
  const start: CopyWorld['start'] = (args, { env, ...others } = {}) =>
    world.start(args, { env: { CROSSTRAIL_CONFIG: config, ...env }, ...others })
  return {
    ...world,
    configFile: config,
    start,
    run: (args, asked) => start(args, asked).result,
    archive: lab.addBucket({ name: archiveName, owner: labAccounts.A, region: 'us-east-1' }),
    foreign: lab.addBucket({ name: foreignName, owner: labAccounts.Z, region: 'us-east-1' }),
  }
}

/** The objects below a prefix by the rest of their keys: content, metadata and content headers. */
export function contentsOf(bucket: Bucket, prefix = 'trail/'): Record<string, string> {
  const keys = bucket.keys().filter((key) => key.startsWith(prefix))
  return sortedRecord(keys.map((key) => [key.slice(prefix.length), fingerprint(bucket, key)]))
}

/** The same for the lab's logs, without foreign objects. */
export function logContents(world: Pick<CopyWorld, 'lab'>): Record<string, string> {
  const bucket = world.lab.bucket()
  return sortedRecord(storedLogs(world.lab).map(({ key }) => [key, fingerprint(bucket, key)]))
}

function fingerprint(bucket: Bucket, key: string): string {
  const object = bucket.get(key)
  if (object === undefined) throw new Error(`${key} is not there`)
  const { body, metadata, contentType, contentEncoding } = object
  const headers = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([digestOf(body), headers, contentType, contentEncoding])
}
