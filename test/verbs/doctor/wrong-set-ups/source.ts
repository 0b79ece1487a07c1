import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { labAccounts } from '../../../../src/lab/fixture.ts'
import type { Lab } from '../../../../src/lab/lab.ts'
import { entryB } from '../doctor-world.ts'
import { config, words } from '../expected-fix.ts'
import { asSaid, fillIn, writeConfig } from '../mend.ts'
import type { WrongSetUp } from '../wrong-set-up.ts'

const home = (name: string) => join(process.env['HOME'] ?? '', name)
const keyVariables = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const

function exportKeys({ accessKeyId, secretAccessKey, sessionToken }: Keys): void {
  for (const name of keyVariables) delete process.env[name]
  process.env['AWS_ACCESS_KEY_ID'] = accessKeyId
  process.env['AWS_SECRET_ACCESS_KEY'] = secretAccessKey
  if (sessionToken !== undefined) process.env['AWS_SESSION_TOKEN'] = sessionToken
}

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Writes the output of the credential process, which is `cat` of this file. */
function printsKeys({ accessKeyId, secretAccessKey }: Keys, more: object = {}): void {
  const keys = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, ...more }
  writeFileSync(home('printed.json'), JSON.stringify(keys))
}

const byProcess = { ...entryB, credentials: { process: 'cat $HOME/printed.json' } }
const byEnv = { ...entryB, credentials: { env: true } }
const bKeys = (lab: Lab): Keys => lab.principals.bAudit

/** Adds a user of another partition, because the lab has none. */
function addUserInChina(lab: Lab): Keys {
  const user = lab.iam.addUser({ account: labAccounts.B, name: 'far' })
  const { keys } = lab.iam.longLivedKey(user.accessKeyId) ?? {}
  Object.assign(keys ?? {}, { arn: user.arn.replace('arn:aws:', 'arn:aws-cn:') })
  return user
}

function profileLines(name: string, { accessKeyId, secretAccessKey }: Keys): string {
  return `\n[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
}

export const sourceSetUps: readonly WrongSetUp[] = [
  {
    title: 'says to export the environment variables if they are missing',
    entry: byEnv,
    spoil: () => {
      for (const name of keyVariables) delete process.env[name]
    },
    step: 'credentials',
    code: 'access.no-credentials',
    sides: ['machine'],
    line: /no credentials for account X: tried AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment/,
    fixes: [words('machine', 'export both variables')],
    mend: asSaid(({ lab }) => exportKeys(bKeys(lab))),
  },
  {
    title: 'says to look for a profile that is missing in the shared files',
    entry: { ...entryB, credentials: { profile: 'nowhere' } },
    step: 'credentials',
    code: 'access.no-credentials',
    sides: ['machine'],
    line: /tried the profile nowhere/,
    fixes: [words('machine', 'contains [nowhere]')],
    mend: asSaid(({ lab }) => {
      appendFileSync(home('credentials'), profileLines('nowhere', bKeys(lab)))
    }),
  },
  {
    title: 'says that a credential process that fails must exit with 0',
    entry: byProcess,
    spoil: () => rmSync(home('printed.json'), { force: true }),
    step: 'credentials',
    code: 'access.process-failed',
    sides: ['machine'],
    line: /the credential process cat of account X/,
    fixes: [words('machine', 'exit with 0')],
    mend: asSaid(({ lab }) => printsKeys(bKeys(lab))),
  },
  {
    title: 'reports a credential process that prints no keys, without what it printed',
    entry: byProcess,
    spoil: () => writeFileSync(home('printed.json'), 'please sign in first'),
    step: 'credentials',
    code: 'access.process-failed',
    sides: ['machine'],
    line: /did not print a JSON object/,
    fixes: [words('machine', 'it must print the JSON of credential_process')],
    mend: asSaid(({ lab }) => printsKeys(bKeys(lab))),
  },
  {
    title: 'says that a credential process that prints expired keys must fetch new ones',
    entry: byProcess,
    spoil: ({ lab }) => printsKeys(bKeys(lab), { Expiration: '2020-01-01T00:00:00Z' }),
    step: 'credentials',
    code: 'access.source-expired',
    sides: ['machine'],
    line: /the credentials of account X have expired/,
    fixes: [words('machine', 'make it fetch fresh ones')],
    mend: asSaid(({ lab }) => printsKeys(bKeys(lab))),
  },
  {
    title: 'says to set a clock that is 20 minutes behind',
    entry: entryB,
    spoil: ({ clock }) => (clock.aheadMs = 20 * 60_000),
    step: 'clock',
    code: 'access.clock-skew',
    sides: ['machine'],
    line: /the clock of this machine is off by 1\d{3} seconds \(it is behind\)/,
    fixes: [words('machine', 'set the clock')],
    mend: asSaid(({ clock }) => (clock.aheadMs = 0)),
  },
  {
    title: 'says to set a clock that is 20 minutes ahead',
    entry: entryB,
    spoil: ({ clock }) => (clock.aheadMs = -20 * 60_000),
    step: 'clock',
    code: 'access.clock-skew',
    sides: ['machine'],
    line: /the clock of this machine is off by 1\d{3} seconds \(it is ahead\)/,
    fixes: [words('machine', 'set the clock')],
    mend: asSaid(({ clock }) => (clock.aheadMs = 0)),
  },
  {
    title: 'warns of a clock that is two minutes wrong, before AWS refuses it',
    entry: entryB,
    spoil: ({ clock }) => (clock.aheadMs = 120_000),
    step: 'clock',
    status: 'warning',
    code: 'access.clock-skew',
    sides: ['machine'],
    line: /the clock of this machine is 1[12]\d seconds behind STS/,
    fixes: [words('machine', 'set the clock')],
    mend: asSaid(({ clock }) => (clock.aheadMs = 0)),
  },
  {
    title: 'says to copy both keys again if the secret key does not match the access key',
    entry: { ...entryB, credentials: { profile: 'wrong' } },
    step: 'caller',
    code: 'access.wrong-secret',
    sides: ['machine'],
    line: /the secret key of account X does not belong to its access key/,
    fixes: [words('machine', 'copy both keys again')],
    mend: asSaid(({ lab }) => {
      writeFileSync(home('credentials'), profileLines('wrong', bKeys(lab)))
    }),
  },
  {
    title: 'says to check an access key that AWS does not know',
    entry: byEnv,
    spoil: ({ lab }) => exportKeys({ ...bKeys(lab), accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }),
    step: 'caller',
    code: 'access.invalid-key',
    sides: ['machine'],
    line: /AWS does not know the access key or session token of account X/,
    fixes: [words('machine', 'check that the key exists and is active')],
    mend: asSaid(({ lab }) => exportKeys(bKeys(lab))),
  },
  {
    title: 'refuses the root user before it requests a role',
    entry: { ...entryB, credentials: { profile: 'root' } },
    step: 'caller',
    code: 'access.root-credentials',
    sides: ['caller'],
    line: /arn:aws:iam::111111111111:root is the root user of 111111111111, and a root user cannot assume roles/,
    fixes: [words('caller', "use the keys of an IAM user or role of 222222222222 instead of the root user's")],
    mend: asSaid(() => undefined, { entry: entryB }),
  },
  {
    title: 'reports keys of another partition, with the partition of the role',
    entry: byEnv,
    spoil: ({ lab }) => exportKeys(addUserInChina(lab)),
    step: 'caller',
    code: 'access.other-partition',
    sides: ['config'],
    line: /is in partition aws-cn, but arn:aws:iam::111111111111:role\/CloudTrailLogs-B is in aws:/,
    fixes: [config('accounts.X.credentials')],
    mend: fillIn({ 'accounts.X.credentials': { profile: 'b-audit' } }),
  },
  {
    title: 'warns if the id is not that of the keys, with the id of the keys',
    entry: { ...entryB, id: labAccounts.C, reads: [labAccounts.B] },
    step: 'caller',
    status: 'warning',
    code: 'config.other-account',
    sides: ['config'],
    line: /arn:aws:iam::222222222222:user\/b-audit belongs to account 222222222222, but the config says that X is 333333333333/,
    fixes: [config('accounts.X.id', labAccounts.B)],
    mend: writeConfig,
  },
  {
    title: 'says to export expired temporary keys again',
    entry: byEnv,
    spoil: ({ lab }) => {
      exportKeys(bKeys(lab))
      const fault = {
        status: 403,
        code: 'ExpiredToken',
        message: 'The security token included in the request is expired',
      }
      lab.setFaults({ rules: [{ probability: 1, operations: ['GetCallerIdentity'], fault }] })
    },
    step: 'caller',
    code: 'access.source-expired',
    sides: ['machine'],
    line: /the credentials that call GetCallerIdentity for account X have expired/,
    fixes: [words('machine', 'for the environment: export them again')],
    mend: asSaid(({ lab }) => lab.setFaults({})),
  },
]
