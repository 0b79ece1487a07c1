import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labAccounts, labBucket, labRegion } from '../../src/lab/fixture.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 20 } })
})
afterAll(() => world.stop())

const variables = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CREDENTIAL_EXPIRATION']

test('process prints the output of a credential_process, valid for an hour', async () => {
  const { exitCode, stdout, stderr } = await world.run(['creds', 'B', '--format', 'process'])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  const answer = JSON.parse(stdout) as Record<string, unknown>
  expect(Object.keys(answer)).toEqual(['Version', 'AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'])
  expect(answer).toMatchObject({ Version: 1, AccessKeyId: expect.stringMatching(/^ASIA/) })
  expect(world.lab.issuedSecrets()).toEqual(expect.arrayContaining([answer['SecretAccessKey'], answer['SessionToken']]))
  const restMs = Date.parse(String(answer['Expiration'])) - Date.now()
  expect(restMs).toBeGreaterThan(3_500_000)
  expect(restMs).toBeLessThanOrEqual(3_600_000)
})

test('json names the account, the role and the region', async () => {
  const { stdout } = await world.run(['creds', 'C', '--format', 'json'])
  expect(JSON.parse(stdout)).toMatchObject({
    account: 'C',
    assumedRoleArn: expect.stringContaining(`${labAccounts.A}:assumed-role/CloudTrailLogs-C/`),
    region: labRegion,
    SessionToken: expect.any(String),
  })
})

test.each(['env', 'env-no-export'])('a shell reads %s as four variables', async (format) => {
  const { stdout } = await world.run(['creds', 'Z', '--format', format])
  const script = `set -a; ${stdout}\nfor name in ${variables.join(' ')}; do printenv "$name"; done`
  const shell = spawnSync('sh', ['-c', script], { env: { PATH: world.env['PATH'] }, encoding: 'utf8' })
  expect(shell.stderr).toBe('')
  const [accessKeyId, secretKey, token, expiration, ...rest] = shell.stdout.trimEnd().split('\n')
  expect(rest).toEqual([])
  expect(accessKeyId).toMatch(/^ASIA/)
  expect(world.lab.issuedSecrets()).toEqual(expect.arrayContaining([secretKey, token]))
  expect(Date.parse(expiration ?? '')).toBeGreaterThan(Date.now())
})

test.each([
  ['all that the account may do', [], ['s3:ListBucket', 's3:GetObject']],
  ['one verb', ['--verb', 'list'], ['s3:ListBucket']],
  ['the verbs that read', ['--read-only'], ['s3:ListBucket', 's3:GetObject']],
])('the session is narrowed to %s', async (_what, args, s3Actions) => {
  const actions = (await policyOf(['creds', 'B', ...args])).Statement.flatMap(({ Action }) => Action)
  expect(actions.filter((action) => action.startsWith('s3:'))).toEqual(s3Actions)
})

test('a session for copying may write only to the named place', async () => {
  const copying = world.configWith((text) => text.replaceAll('[list, download]', '[list, copy]'))
  const policy = await policyOf(['creds', 'B', '--copy-to', 's3://archive-logs/from-b', '--config', copying])
  const writes = policy.Statement.filter(({ Action }) => [Action].flat().includes('s3:PutObject'))
  expect(writes.map(({ Resource }) => Resource)).toEqual(['arn:aws:s3:::archive-logs/from-b/*'])
})

test('the session reads only the logs that the config allows the account', async () => {
  expect(JSON.stringify(await policyOf(['creds', 'Z']))).toContain(`${labBucket}/AWSLogs/*`)
  const own = JSON.stringify(await policyOf(['creds', 'B']))
  expect(own).toContain(`${labBucket}/AWSLogs/${labAccounts.B}/*`)
  expect(own).not.toContain(`${labBucket}/AWSLogs/*`)
})

test('--no-session-policy does not limit the rights of the role', async () => {
  await world.run(['creds', 'B', '--no-session-policy'])
  expect(lastAssumeRole().has('Policy')).toBe(false)
})

test.each([
  [['creds'], 2, 'creds needs an account'],
  [['creds', 'X'], 2, 'the config has no account "X"'],
  [['creds', 'B', 'C'], 2, 'does not take the argument "C"'],
  [['creds', 'B', '--format', 'yaml'], 2, 'expected env, env-no-export, json, process, powershell, fish, windows-cmd'],
  [['creds', 'B', '--verb', 'delete'], 3, 'account B does not allow delete'],
  [['creds', 'B', '--verb', 'list', '--read-only'], 2, '--read-only does not go together with --verb'],
  [['creds', 'B', '--verb', 'list', '--no-session-policy'], 2, '--verb does not go together with --no-session-policy'],
  [['creds', 'B', '--verb', 'list', '--copy-to', 's3://a-bucket'], 2, '--copy-to does not go together with'],
  [['creds', 'B', '--copy-to', 's3://a-bucket'], 3, 'account B does not allow copy'],
])('refuses %j with %i and prints no credentials', async (args, code, message) => {
  const { exitCode, stdout, stderr } = await world.run(args)
  expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' })
  expect(stderr).toContain(message)
})

test('--cache keeps a session for the next run, or says once that it cannot and writes nothing', async () => {
  const home = world.newPath()
  const env = { HOME: home, XDG_CACHE_HOME: `${home}/cache`, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' }
  const cached = () => world.run(['creds', 'B', '--cache'], { env })
  const calls = world.lab.requests.count('AssumeRole')
  const results = [await cached(), await cached()]
  // The kernel keeps keys only with a session keyring, which most containers and services lack
  if (results[0]?.exitCode === 0) {
    expect(results[1]).toEqual(results[0])
    expect(world.lab.requests.count('AssumeRole')).toBe(calls + 1)
    return
  }
  for (const { exitCode, stdout, stderr } of results) {
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr.match(/sessions cannot be cached/g)).toHaveLength(1)
  }
  expect(world.lab.requests.count('AssumeRole')).toBe(calls)
  expect(existsSync(home)).toBe(false)
})

test('ends if a profile asks crosstrail and crosstrail asks that profile', async () => {
  const looping = world.configWith((text) =>
    text.replace('credentials: { profile: b-audit }', 'credentials: { process: "$CREDS_B" }'),
  )
  const bin = new URL('../../dist/bin.cjs', import.meta.url).pathname
  const { exitCode, stderr } = await world.run(['creds', 'B', '--config', looping, '--format', 'process'], {
    env: { CREDS_B: `${process.execPath} ${bin} creds B --config ${looping} --format process` },
  })
  expect(exitCode).toBe(3)
  expect(stderr).toContain('the credential process … of account B ended with 3')
  const inner = await world.run(['creds', 'B', '--config', looping], {
    env: { CROSSTRAIL_SEEKING_CREDENTIALS: `${looping}#B` },
  })
  expect(inner).toMatchObject({ exitCode: 3, stdout: '' })
  expect(inner.stderr).toContain('depend on themselves: their source runs crosstrail for account B')
})

interface Policy {
  readonly Statement: readonly { readonly Action: string | string[]; readonly Resource: string | string[] }[]
}

async function policyOf(args: readonly string[]): Promise<Policy> {
  expect(await world.run(args)).toMatchObject({ exitCode: 0 })
  return lastPolicy()
}

function lastPolicy(): Policy {
  return JSON.parse(lastAssumeRole().get('Policy') ?? '') as Policy
}

function lastAssumeRole(): ReadonlyMap<string, string> {
  const last = world.lab.requests.recent('AssumeRole').at(-1)
  if (last === undefined) throw new Error('AssumeRole was not called')
  return new Map(last.query)
}
