import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { labAccounts, labBucket, labExternalId } from '../../src/lab/fixture.ts'
import { jsonLines } from './support/crosstrail.ts'
import { type CommandOptions, labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
beforeAll(async () => {
  world = await labWorld({ sample: { objects: 1 } })
})
afterAll(() => world.stop())

async function self(options: CommandOptions = {}, ...args: string[]) {
  const result = await world.run(['doctor', '--self', '--output', 'json', ...args], options)
  const steps = jsonLines(result.stdout)
  const step = (name: string) => steps.find((one) => one['step'] === name)
  return { ...result, steps, step }
}

test('it exits with 0, asks no server, and writes nothing', async () => {
  const home = world.newPath()
  mkdirSync(home)
  const before = world.lab.requests.count()
  const { exitCode, stderr, steps } = await self({ env: { HOME: home } })
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(steps.filter(({ status }) => status === 'failed')).toEqual([])
  expect(world.lab.requests.count()).toBe(before)
  expect(readdirSync(home)).toEqual([])
})

test('the table has a line for each step', async () => {
  const { exitCode, stdout } = await world.run(['doctor', '--self'])
  expect(exitCode).toBe(0)
  const { steps } = await self()
  const [title, ...lines] = stdout.trimEnd().split('\n')
  expect(title).toBe('this machine')
  expect(lines.filter((line) => /^ {2}\S/.test(line)).map((line) => line.trim().split(/\s+/)[1])).toEqual(
    steps.map((one) => one['step']),
  )
})

test('it says how the config was found, its mode and the number of accounts, and no name of it', async () => {
  const { step, stdout } = await self()
  expect(step('config')).toMatchObject({
    status: 'ok',
    facts: { path: '~/crosstrail.yaml', found: 'by CROSSTRAIL_CONFIG', mode: '0600', owner: 'you', accounts: 3 },
  })
  for (const name of [labAccounts.A, labAccounts.B, labBucket, labExternalId]) expect(stdout).not.toContain(name)
})

test('a secret in the address of a proxy, in a variable or in the config is not shown', async () => {
  const secrets = ['pass-4711', 'value-of-a-variable', 'external-id-in-the-config']
  const config = world.configWith((text) => text.replace('${env:Z_EXTERNAL_ID}', secrets[2] ?? ''))
  const { exitCode, stdout, stderr } = await self(
    {
      env: {
        HTTPS_PROXY: `http://someone:${secrets[0]}@proxy.example.com:3128`,
        http_proxy: `someone:${secrets[0]}@proxy`,
        CROSSTRAIL_EXTERNAL_ID_Z: secrets[1] ?? '',
        AWS_SESSION_TOKEN: secrets[1] ?? '',
      },
    },
    '--config',
    config,
  )
  expect(exitCode).toBe(1)
  expect(stdout).toContain('proxy.example.com:3128')
  for (const secret of [...secrets, 'someone']) expect(stdout + stderr).not.toContain(secret)
})

describe('it exits with 1', () => {
  test('if the config is invalid, and shows nothing of it', async () => {
    const config = world.configWith((text) => text.replace('region: us-east-1', 'region: secret-place'))
    const { exitCode, step, stdout } = await self({}, '--config', config)
    expect(exitCode).toBe(1)
    expect(step('config')).toMatchObject({ status: 'failed', code: 'config.invalid', facts: { found: 'by --config' } })
    expect(stdout).not.toContain('secret-place')
  })

  test('if a config that was found can be written by everybody', async () => {
    const cwd = world.newPath()
    mkdirSync(cwd)
    writeFileSync(join(cwd, 'crosstrail.yaml'), 'trail: {}\n')
    chmodSync(join(cwd, 'crosstrail.yaml'), 0o666)
    const { exitCode, step } = await self({ cwd, env: { CROSSTRAIL_CONFIG: '' } })
    expect(exitCode).toBe(1)
    expect(step('config')).toMatchObject({ code: 'config.untrusted', facts: { found: 'in the current folder' } })
  })

  test('if a named config does not exist', async () => {
    const { exitCode, step } = await self({}, '--config', world.newPath())
    expect(exitCode).toBe(1)
    expect(step('config')).toMatchObject({ code: 'config.not-found' })
  })

  test('if the folder for temporary files does not exist', async () => {
    const folder = world.newPath()
    const { exitCode, step } = await self({ env: { TMPDIR: folder } })
    expect(exitCode).toBe(1)
    expect(step('folders')).toMatchObject({ status: 'failed', facts: { tempWritable: 'ENOENT' } })
    expect(existsSync(folder)).toBe(false)
  })

  test('if too few files may be open', async () => {
    const bin = join(import.meta.dirname, '../../dist/bin.cjs')
    const script = 'ulimit -n 64; "$0" "$1" doctor --self --output json; echo "exit $?"'
    const shown = execFileSync('bash', ['-c', script, process.execPath, bin], { env: world.env, encoding: 'utf8' })
    expect(shown).toContain('exit 1')
    expect(shown).toMatch(/"step":"files","status":"failed","message":"64 may be open, 64 at most/)
  })
})

test('without a config it warns, and exits with 0', async () => {
  const cwd = world.newPath()
  mkdirSync(cwd)
  const { exitCode, step } = await self({ cwd, env: { CROSSTRAIL_CONFIG: '', HOME: cwd } })
  expect(exitCode).toBe(0)
  expect(step('config')).toMatchObject({ status: 'warning', code: 'config.not-found' })
})

test('the variables of other commands do not conflict with it', async () => {
  const { exitCode, step } = await self({ env: { CROSSTRAIL_CONCURRENCY: '7', CROSSTRAIL_TO: 'folder' } })
  expect(exitCode).toBe(0)
  expect(step('environment')).toMatchObject({
    facts: { crosstrail: 'CROSSTRAIL_CONCURRENCY CROSSTRAIL_CONFIG CROSSTRAIL_TO' },
  })
})

test.each([
  ['an account', ['Z'], '--self and the name of an account do not go together'],
  ['--to', ['--to', 's3://archive/x'], '--self and --to do not go together'],
  ['--mfa-code', ['--mfa-code', '123456'], '--self and --mfa-code do not go together'],
  ['--concurrency', ['--concurrency', '3'], '--self and --concurrency do not go together'],
])('%s conflicts with it', async (_, args, message) => {
  const { exitCode, stdout, stderr } = await world.run(['doctor', '--self', ...args])
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain(message)
})
