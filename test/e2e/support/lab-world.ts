import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { labAccounts, labBucket, labExternalId, labRoles } from '../../../src/lab/fixture.ts'
import { type Lab, type LabOptions, startLab } from '../../../src/lab/lab.ts'
import {
  type CommandResult,
  type Environment,
  type RunningCommand,
  startCrosstrail,
  type StartOptions,
} from './crosstrail.ts'

export interface CommandOptions extends StartOptions {
  /** Added to the world's own. */
  readonly env?: Environment
}

/** A lab and its user: a folder with a config of B, C and Z, their profiles, and an environment. */
export interface LabWorld {
  readonly lab: Lab
  /** The whole environment of a command. */
  readonly env: Environment
  run(args: readonly string[], options?: CommandOptions): Promise<CommandResult>
  start(args: readonly string[], options?: CommandOptions): RunningCommand
  newPath(): string
  /** Writes another config and returns its path. */
  configWith(edit: (text: string) => string): string
  stop(): Promise<void>
}

export async function labWorld(options: LabOptions = {}): Promise<LabWorld> {
  const lab = await startLab(options)
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-e2e-'))
  let paths = 0
  const newPath = () => join(folder, `p${++paths}`)
  const write = (path: string, text: string): string => {
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const { bAudit, zAudit } = lab.principals
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TZ: 'Pacific/Kiritimati',
    CROSSTRAIL_CONFIG: write(join(folder, 'crosstrail.yaml'), config),
    Z_EXTERNAL_ID: labExternalId,
    AWS_CONFIG_FILE: write(join(folder, 'config'), '[profile b-audit]\n[profile z-audit]\n'),
    AWS_SHARED_CREDENTIALS_FILE: write(
      join(folder, 'credentials'),
      `[b-audit]\n${keyLines(bAudit)}[z-audit]\n${keyLines(zAudit)}`,
    ),
    AWS_ENDPOINT_URL_S3: lab.endpoint,
    AWS_ENDPOINT_URL_STS: lab.endpoint,
    AWS_ENDPOINT_URL_CLOUDTRAIL: lab.endpoint,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: lab.imdsEndpoint,
  }
  const start: LabWorld['start'] = (args, { env: more, ...others } = {}) =>
    startCrosstrail(args, { ...env, ...more }, { cwd: folder, ...others })
  return {
    lab,
    env,
    start,
    run: (args, asked) => start(args, asked).result,
    newPath,
    configWith: (edit) => write(`${newPath()}.yaml`, edit(config)),
    stop: async () => {
      await lab.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const config = `trail:
  bucket: ${labBucket}
  owner: "${labAccounts.A}"
  region: us-east-1
accounts:
  B:
    id: "${labAccounts.B}"
    role: ${labRoles.B}
    credentials: { profile: b-audit }
    reads: own
    allow: [list, download]
  C:
    id: "${labAccounts.C}"
    role: ${labRoles.C}
    via: [${labRoles.assumeRoleInA}]
    credentials: { ec2: true }
    reads: own
    allow: [list, download]
  Z:
    id: "${labAccounts.Z}"
    role: ${labRoles.Z}
    externalId: \${env:Z_EXTERNAL_ID}
    credentials: { profile: z-audit }
    reads: all
    allow: [list, download]
`

function keyLines(keys: { readonly accessKeyId: string; readonly secretAccessKey: string }): string {
  return `aws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\n`
}
