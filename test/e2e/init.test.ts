import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labAccounts, labBucket, labExternalId, labRoles } from '../../src/lab/fixture.ts'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
beforeAll(async () => {
  world = await labWorld({ sample: { objects: 40 } })
})
afterAll(() => world.stop())

const trail = ['--bucket', labBucket, '--owner', labAccounts.A]

function emptyPlace(more: Record<string, string> = {}) {
  const cwd = world.newPath()
  mkdirSync(cwd)
  const { CROSSTRAIL_CONFIG: _config, ...env } = { ...world.env, ...more, CROSSTRAIL_CONFIG: '' }
  const run = (args: readonly string[], others: Record<string, string> = {}) =>
    world.run(args, { cwd, env: { ...env, ...others, CROSSTRAIL_CONFIG: '' } })
  return { cwd, run }
}

test('init by flags, then doctor and list work', async () => {
  const { run } = emptyPlace()
  const account = [
    '--label',
    'B',
    '--account-id',
    labAccounts.B,
    '--role',
    labRoles.B,
    '--credentials',
    'profile:b-audit',
  ]
  const made = await run(['init', ...trail, ...account])
  expect(made).toMatchObject({ exitCode: 0, stderr: 'to check access: crosstrail doctor\n' })
  expect(await run(['doctor'])).toMatchObject({ exitCode: 0 })
  const listed = await run(['list', 'B', '--output', 'json'])
  expect(jsonLines(listed.stdout).length).toBeGreaterThan(0)
})

test("finds the bucket's region, wherever it is", async () => {
  world.lab.addBucket({ name: 'logs-in-sydney', owner: labAccounts.A, region: 'ap-southeast-2' })
  const { cwd, run } = emptyPlace()
  const account = ['--label', 'B', '--account-id', labAccounts.B, '--role', labRoles.B]
  await run(['init', '--bucket', 'logs-in-sydney', '--owner', labAccounts.A, ...account])
  expect(readFileSync(join(cwd, 'crosstrail.yaml'), 'utf8')).toContain('  region: ap-southeast-2\n')
})

test('offline names the flag for the region and writes no file', async () => {
  const { cwd, run } = emptyPlace()
  const account = ['--label', 'B', '--account-id', labAccounts.B, '--role', labRoles.B]
  const args = ['init', ...trail, ...account]
  const offline = await run(args, { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' })
  expect(offline).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('give the region with --bucket-region'),
  })
  expect(readdirSync(cwd)).toEqual([])
  const told = await run([...args, '--region', 'us-east-1'], { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' })
  expect(told.exitCode).toBe(0)
})

test('doctor passes with a config from a chain of role profiles', async () => {
  const profiles = world.newPath()
  writeFileSync(
    profiles,
    `[profile c-hub]\nrole_arn = ${labRoles.assumeRoleInA}\ncredential_source = Ec2InstanceMetadata\n` +
      `[profile C]\nrole_arn = ${labRoles.C}\nsource_profile = c-hub\nregion = us-east-1\n`,
  )
  const { run } = emptyPlace({ AWS_CONFIG_FILE: profiles })
  const made = await run(['init', '--from-profile', 'C', ...trail, '--account-id', labAccounts.C, '--doctor'])
  expect(made.exitCode).toBe(0)
  expect(made.stdout).toContain(`assumed ${labRoles.C}`)
})

test('doctor passes at once with the external ID of a profile, and later with the variable that init names', async () => {
  const profiles = world.newPath()
  writeFileSync(
    profiles,
    `[profile z-audit]\n[profile Z]\nrole_arn = ${labRoles.Z}\nsource_profile = z-audit\nexternal_id = ${labExternalId}\n`,
  )
  const { cwd, run } = emptyPlace({ AWS_CONFIG_FILE: profiles, Z_EXTERNAL_ID: '' })
  const args = ['init', '--from-profile', 'Z', ...trail, '--account-id', labAccounts.Z, '--reads', 'all', '--doctor']
  const made = await run(args)
  expect(made.exitCode).toBe(0)
  expect(made.stdout + made.stderr + readFileSync(join(cwd, 'crosstrail.yaml'), 'utf8')).not.toContain(labExternalId)
  const [, variable = ''] = /from the variable (\w+):/.exec(made.stdout) ?? []
  expect((await run(['list', 'Z'], { [variable]: labExternalId })).exitCode).toBe(0)
})

test('the error for a missing config names init', async () => {
  const { run } = emptyPlace()
  const { exitCode, stderr } = await run(['list'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('hint: to write one: crosstrail init')
})
