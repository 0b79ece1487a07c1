import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { describeUnless } from '../describe-unless.ts'
import { commandList } from '../../src/cli/command-list.ts'
import { credentialFormats } from '../../src/cli/render/credential-lines.ts'
import { labAccounts, labBucket, labExternalId, labMfaCode, labMfaSerial, labRoles } from '../../src/lab/fixture.ts'
import type { Faults } from '../../src/lab/faults.ts'
import { missingRedis, type RedisServer, startRedis } from '../real/redis/redis-server.ts'
import type { CommandResult } from './support/crosstrail.ts'
import { mayDelete, oldWindow } from './support/delete-world.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
let home: string
let config: string
/** Undefined if this machine has no Redis. */
let redis: RedisServer | undefined
const redisPassword = 'password-of-redis-4711'

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 40, window: oldWindow } })
  home = world.env['HOME'] ?? ''
  world.lab.bucket().versioning = 'Enabled'
  redis = missingRedis === undefined ? await startRedis({ password: redisPassword }) : undefined
  config = world.configWith((text) =>
    mayDelete(text)
      .replace('copy, delete]', 'copy, delete, verify]')
      .replace('    externalId:', `    mfa: ${labMfaSerial}\n    externalId:`),
  )
})
afterEach(() => world.lab.setFaults({}))
afterAll(async () => {
  await redis?.stop()
  await world.stop()
})

const refusing = (...operations: string[]): Faults => ({
  rules: [{ fault: { status: 403, code: 'AccessDenied', message: 'Access Denied' }, probability: 1, operations }],
})
const repeating: Faults = {
  rules: [
    {
      fault: { status: 400, code: 'ValidationError', message: `Value '${labExternalId}' at 'externalId' failed` },
      probability: 1,
      operations: ['AssumeRole'],
    },
  ],
}

const calls: Readonly<Record<string, () => readonly string[]>> = {
  init: () =>
    `init --config ${world.newPath()}.yaml --bucket ${labBucket} --owner ${labAccounts.A} --bucket-region us-east-1 --label Z --account-id ${labAccounts.Z} --role ${labRoles.Z} --credentials profile:z-audit --external-id-env Z_EXTERNAL_ID --doctor`.split(
      ' ',
    ),
  accounts: () => ['accounts'],
  doctor: () => ['doctor'],
  policy: () => ['policy', 'Z'],
  creds: () => ['creds', 'Z', '--format', 'process'],
  exec: () => ['exec', 'Z', '--', 'true'],
  list: () => ['list'],
  download: () => ['download', '--to', world.newPath()],
  copy: () => ['copy', 'Z', '--to', `s3://${labBucket}/archive`],
  delete: () => ['delete', 'Z', '--until', '2025-01-02', '--yes'],
  restore: () => ['restore', '--journal', deleteJournal(), '--yes'],
  pull: () => ['pull', 'Z', '--to', world.newPath()],
  verify: () => ['verify', 'Z', '--last', '24h'],
  events: () => ['events', 'Z', '--last', '24h'],
  report: () => ['report', 'Z', '--last', '24h', '--report', world.newPath()],
  merge: () => ['merge', deleteJournal()],
  fleet: () => ['fleet', 'status'],
  worker: () => ['worker', '--drain'],
  completion: () => ['completion', 'bash'],
  help: () => ['help'],
  version: () => ['version'],
}

/** Commands whose stdout contains credentials. Their stderr must not. */
const givesOut = new Set(['creds'])

test('this file runs every command', () => {
  const names = commandList.map(({ name }) => name)
  expect([...Object.keys(calls), 'lab']).toEqual(expect.arrayContaining(names))
})

const needsRedis = (name: string) => name === 'fleet' || name === 'worker'
const named = commandList
  .map(({ name }) => name)
  .filter((name) => name in calls && (missingRedis === undefined || !needsRedis(name)))

const jsonAlone = [['--output', 'json']]
const tableAlone = [[]]

describe.each<[string, Faults, string[][]]>([
  ['everything succeeds', {}, [...tableAlone, ...jsonAlone]],
  ['STS refuses', refusing('AssumeRole', 'GetCallerIdentity'), jsonAlone],
  ['STS repeats the request', repeating, tableAlone],
  ['S3 refuses', refusing('ListObjectsV2', 'GetObject', 'CopyObject', 'DeleteObjects', 'HeadBucket'), jsonAlone],
])('when %s', (when, faults, formats) => {
  test.each(named)('%s shows no secret', async (name) => {
    world.lab.setFaults(faults)
    const results = await loudly(name, formats)
    if (when === 'everything succeeds') expect(results[0]?.stderr).not.toContain('crosstrail: ')
    for (const { stdout, stderr } of results) {
      if (!givesOut.has(name)) expectNoSecret(stdout)
      expectNoSecret(stderr)
    }
  })
})

test.each(credentialFormats)('creds --format %s prints credentials only on stdout', async (format) => {
  const { exitCode, stdout, stderr } = await world.run(['creds', 'B', '--format', format, '--verbose'])
  expect(exitCode).toBe(0)
  expect(world.lab.issuedSecrets().filter((secret) => stdout.includes(secret))).toHaveLength(2)
  expectNoSecret(stderr)
})

test.each([[['sh', '-c', 'exit 5']], [['no-such-command']], [['/']], [['sh', '-c', 'kill -9 $$']]])(
  'exec shows nothing of the session if its command is %j',
  async (command) => {
    for (const server of [[], ['--server']]) {
      const { exitCode, stdout, stderr } = await world.run(['exec', 'B', '--verbose', ...server, '--', ...command])
      expect(exitCode).not.toBe(0)
      expectNoSecret(stdout + stderr)
    }
  },
)

test.each([[[]], [['--server']]])("Node's messages about a command of exec %j show no secret", async (server) => {
  const { exitCode, stderr } = await world.run(['exec', 'B', ...server, '--', 'true'], {
    env: { NODE_DEBUG: 'child_process,http,net' },
  })
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/AWS_(SECRET_ACCESS_KEY|CONTAINER_AUTHORIZATION_TOKEN): '\*{4}[\w/+=-]+'/)
  expectNoSecret(stderr)
})

test.each([[[]], [['--output', 'json']], [['--output', 'csv']]])(
  'doctor --self %j shows no secret, no account, no role and no bucket',
  async (format) => {
    const secrets = ['proxy-password-4711', 'secret-of-a-variable']
    const { stdout, stderr } = await world.run(['doctor', '--self', ...format], {
      env: {
        HTTPS_PROXY: `http://someone:${secrets[0]}@proxy.example.com:3128`,
        CROSSTRAIL_OTHER: secrets[1] ?? '',
        AWS_SECRET_ACCESS_KEY: secrets[1] ?? '',
      },
    })
    expect(stdout).toContain('proxy.example.com:3128')
    const names = [...Object.values(labAccounts), ...Object.values(labRoles), labBucket, 'someone', home]
    expect([...secrets, ...names].filter((text) => `${stdout}${stderr}`.includes(text))).toEqual([])
    expectNoSecret(stdout + stderr)
  },
)

test('the lab prints where its keys are, but not the keys', async () => {
  const { child, result } = world.start(['lab', '--objects', '5', '--dir', join(home, 'the-lab')])
  if (child.stdout !== null) await once(child.stdout, 'data')
  child.kill('SIGINT')
  const { stdout, stderr } = await result
  expect(stdout).toContain('The lab is running')
  expectNoSecret(stdout + stderr)
})

test('shows a wrong value of the config, unless it is a secret', async () => {
  const file = world.configWith((text) => text.replace('${env:Z_EXTERNAL_ID}', '"s3cret with blanks"'))
  for (const [command = '', ...rest] of [
    ['list'],
    ['accounts', '--output', 'json'],
    ['creds', 'Z'],
    ['exec', 'Z', '--', 'true'],
  ]) {
    const { exitCode, stdout, stderr } = await world.run([command, '--config', file, ...rest])
    expect(exitCode).toBe(2)
    expect(stdout + stderr).not.toContain('s3cret')
  }
})

test('does not show a wrong MFA code', async () => {
  for (const code of ['135790', '13579x']) {
    const args = ['creds', 'Z', '--config', config, '--mfa-code', code, '--verbose']
    const { exitCode, stdout, stderr } = await world.run(args)
    expect(exitCode).not.toBe(0)
    expect(stdout + stderr).not.toContain(code)
    expectNoSecret(stdout + stderr)
  }
})

describeUnless(missingRedis, 'a run of a queue', () => {
  test('shows no secret, neither in Redis nor in what its commands print', async () => {
    const run = (...args: string[]) => world.run([...args, '--verbose'], { env: redisEnv() })
    const window = ['--from', '2024-01-01', '--until', '2026-01-01']
    const copy = ['copy', 'Z', ...window, '--to', `s3://${labBucket}/archive`, '--config', config, '--detach']
    // A code of an MFA device is valid once, so each session needs its own.
    const submitted = await run(...copy, '--mfa-code', labMfaCode)
    expect(submitted.exitCode).toBe(0)
    const client = redis?.client
    const keys = (await client?.keys('*')) ?? []
    // A dump would hide compressed text.
    await client?.config('SET', 'rdbcompression', 'no')
    expect(keys.length).toBeGreaterThan(3)
    for (const key of keys) expectNoSecret(((await client?.dumpBuffer(key)) ?? Buffer.alloc(0)).toString('latin1'))
    world.lab.setFaults(repeating)
    const worker = await run('worker', '--drain', '--config', config)
    world.lab.setFaults({})
    const watched = await run('fleet', 'watch', submitted.stdout.trim())
    expect(watched.exitCode).toBe(3)
    for (const { stdout, stderr } of [submitted, worker, watched]) expectNoSecret(stdout + stderr)
  })
})

test('no file of a command contains a secret', () => {
  const written = readdirSync(home, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file !== world.env['AWS_SHARED_CREDENTIALS_FILE'] && !file.startsWith(join(home, 'the-lab')))
  expect(written.filter((file) => file.endsWith('.ndjson')).length).toBeGreaterThan(3)
  expect(written.filter((file) => file.endsWith('.gz')).length).toBeGreaterThan(10)
  for (const file of written) {
    const bytes = readFileSync(file)
    expectNoSecret((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1'))
  }
})

describe('a pull that drains a queue', () => {
  const repeated = (operations: string[]): Faults => {
    const message = `${world.lab.principals.zAudit.secretAccessKey} and ${labExternalId} are wrong`
    return { rules: [{ fault: { status: 400, code: 'InvalidParameterValue', message }, probability: 1, operations }] }
  }

  test.each([
    ['that answers', () => ({})],
    ['that refuses', () => refusing('ReceiveMessage')],
    ['that repeats secrets', () => repeated(['ReceiveMessage'])],
    ['whose deletes repeat secrets', () => repeated(['DeleteMessage', 'DeleteMessageBatch'])],
  ])('%s shows no secret', async (_, faults) => {
    const queue = world.lab.queues.create('logs', { account: labAccounts.Z })
    world.lab.principals.zAudit.user.policies.push({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }],
    })
    const announcing = world.lab.announce({ queue, shape: 's3', existing: true })
    queue.send(JSON.stringify({ password: labExternalId, [world.lab.principals.zAudit.secretAccessKey]: 1 }))
    announcing.stop()
    world.lab.setFaults(faults())
    for (const format of [[], ['--output', 'json']]) {
      const place = ['--to', world.newPath(), '--sqs', queue.url, '--sqs-region', 'us-east-1', '--drain']
      const { stdout, stderr } = await world.run([
        'pull',
        'Z',
        '--since',
        '2024-12-01',
        ...place,
        '--verbose',
        ...format,
      ])
      expect(stderr).not.toBe('')
      expectNoSecret(stdout + stderr)
    }
  })
})

function redisEnv(): Readonly<Record<string, string>> {
  return { CROSSTRAIL_FLEET: redis?.url ?? '', CROSSTRAIL_FLEET_PASSWORD: redisPassword }
}

/** Runs a command verbosely in the given formats, or once if it has no formats. */
function loudly(name: string, formats: readonly string[][]): Promise<CommandResult[]> {
  const { options } = commandList.find((command) => command.name === name) ?? { options: {} }
  const more = [
    ...('config' in options && name !== 'init' ? ['--config', config] : []),
    ...('mfa-code' in options ? ['--mfa-code', labMfaCode] : []),
    ...('verbose' in options ? ['--verbose'] : []),
  ]
  return Promise.all(
    ('output' in options ? formats : [[]]).map((format) => {
      const [command = '', ...rest] = calls[name]?.() ?? []
      return world.run([command, ...more, ...format, ...rest], needsRedis(name) ? { env: redisEnv() } : {})
    }),
  )
}

function deleteJournal(): string {
  const folder = join(home, '.local/state/crosstrail')
  const journal = readdirSync(folder).find((name) => name.startsWith('delete-') && name.endsWith('.ndjson'))
  return join(folder, journal ?? 'none')
}

/** Secret keys, the external ID, the MFA code, and the secret key and token of every session. */
function expectNoSecret(text: string): void {
  const { bAudit, zAudit, root, admin } = world.lab.principals
  const known = [
    ...[bAudit, zAudit, root, admin].map(({ secretAccessKey }) => secretAccessKey),
    labExternalId,
    labMfaCode,
    redisPassword,
    ...world.lab.issuedSecrets(),
  ]
  expect(known.length).toBeGreaterThan(5)
  expect(known.filter((secret) => text.includes(secret))).toEqual([])
}
