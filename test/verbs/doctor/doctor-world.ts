import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApp } from '../../../src/app/open-crosstrail.ts'
import { labAccounts, labBucket, labExternalId, labMfaCode, labMfaSerial, labRoles } from '../../../src/lab/fixture.ts'
import type { LabKeys } from '../../../src/lab/iam.ts'
import { type Lab, type LabOptions, startLab } from '../../../src/lab/lab.ts'
import type { DoctorFix } from '../../../src/verbs/doctor/fix.ts'
import type { StepCode, StepName, StepStatus } from '../../../src/verbs/doctor/step.ts'
import { runCli } from '../../cli/host.ts'

/** One line of `doctor --output json`. */
export interface ToldStep {
  readonly account: string
  readonly step: StepName
  readonly status: StepStatus
  readonly message: string
  readonly code?: StepCode
  readonly tried?: string
  readonly answer?: string
  readonly sides: readonly string[]
  readonly facts: Readonly<Record<string, unknown>>
  readonly fixes: readonly DoctorFix[]
}

export interface Examined {
  readonly code: number
  readonly steps: readonly ToldStep[]
  readonly stdout: string
  readonly stderr: string
  /** The steps of one account by name. */
  readonly of: (account: string) => Partial<Record<StepName, ToldStep>>
}

export type AccountEntry = Readonly<Record<string, unknown>>

/** A lab with new logs, and doctor to run on it. */
export interface DoctorWorld {
  readonly lab: Lab
  /** Runs doctor on these accounts with JSON output. The config holds nothing else. */
  examine(
    accounts: Readonly<Record<string, AccountEntry>>,
    asked?: { readonly args?: string; readonly trail?: Readonly<Record<string, unknown>> },
  ): Promise<Examined>
  /** The same, with output for a person. */
  show(accounts: Readonly<Record<string, AccountEntry>>, args?: string): Promise<Omit<Examined, 'steps' | 'of'>>
  stop(): Promise<void>
}

export const entryB = { id: labAccounts.B, role: labRoles.B, credentials: { profile: 'b-audit' } }
export const entryC = {
  id: labAccounts.C,
  role: labRoles.C,
  via: [labRoles.assumeRoleInA],
  credentials: { ec2: true },
}
export const entryZ = {
  id: labAccounts.Z,
  role: labRoles.Z,
  externalId: labExternalId,
  credentials: { profile: 'z-audit' },
  reads: 'all',
}
/** Z with its MFA device. `mfaArgs` gives the code. */
export const entryZMfa = { ...entryZ, mfa: labMfaSerial }
export const mfaArgs = `--mfa-code ${labMfaCode}`

/** Starts the lab. It sets environment variables that the SDK reads, so use it only in test files that run in their own process. */
export async function doctorWorld(options: LabOptions = {}): Promise<DoctorWorld> {
  const nowMs = Date.now()
  const window = { fromMs: nowMs - 3 * 3_600_000, toMs: nowMs }
  const lab = await startLab({ sample: { objects: 150, window, digests: true }, ...options })
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-doctor-'))
  const { bAudit, zAudit, root, admin } = lab.principals
  const files = {
    credentials: [
      keyLines('b-audit', bAudit),
      keyLines('z-audit', zAudit),
      keyLines('root', root),
      keyLines('admin', admin),
      keyLines('wrong', { ...bAudit, secretAccessKey: 'x'.repeat(40) }),
    ].join('\n'),
    config: '',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  const env = {
    HOME: folder,
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_ENDPOINT_URL_S3: lab.endpoint,
    AWS_ENDPOINT_URL_STS: lab.endpoint,
    AWS_ENDPOINT_URL_CLOUDTRAIL: lab.endpoint,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: lab.imdsEndpoint,
  }
  const before = { ...process.env }
  Object.assign(process.env, env)
  const run = (accounts: object, args: string, trail: object) => {
    const file = join(folder, 'crosstrail.json')
    const ours = { bucket: labBucket, owner: labAccounts.A, region: 'us-east-1', ...trail }
    writeFileSync(file, JSON.stringify({ trail: ours, accounts }))
    return runCli(`doctor --config ${file}${args === '' ? '' : ` ${args}`}`, { services: openApp, env })
  }
  return {
    lab,
    examine: async (accounts, { args = '', trail = {} } = {}) => {
      const result = await run(accounts, `--output json${args === '' ? '' : ` ${args}`}`, trail)
      const steps = result.stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as ToldStep)
      return {
        ...result,
        steps,
        of: (account) =>
          Object.fromEntries(steps.filter((step) => step.account === account).map((step) => [step.step, step])),
      }
    },
    show: (accounts, args = '') => run(accounts, args, {}),
    stop: async () => {
      process.env = before
      await lab.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Returns the status of each step in order: `role ok`. */
export function statusesOf({ steps }: Examined, account: string): string[] {
  return steps.filter((step) => step.account === account).map(({ step, status }) => `${step} ${status}`)
}

function keyLines(profile: string, { accessKeyId, secretAccessKey }: Pick<LabKeys, 'accessKeyId' | 'secretAccessKey'>) {
  return `[${profile}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
}
