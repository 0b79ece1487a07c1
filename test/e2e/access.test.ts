import { afterAll, beforeAll, expect, test } from 'vitest'
import { labMfaCode, labMfaSerial } from '../../src/lab/fixture.ts'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { keysOf, storedLogs } from './support/stored-logs.ts'

let world: LabWorld

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 40 } })
})
afterAll(() => world.stop())

const errorsOf = (stderr: string) =>
  stderr.split('\n').flatMap((line) => (line.startsWith('{"error":') ? [JSON.parse(line).error as object] : []))

const withMfa = () =>
  world.configWith((text) => text.replace('    externalId:', `    mfa: ${labMfaSerial}\n    externalId:`))

test('refuses MFA without a terminal instead of waiting', async () => {
  const { exitCode, stderr } = await world.run(['list', 'Z', '--config', withMfa(), '--output', 'json'])
  expect(exitCode).toBe(3)
  expect(errorsOf(stderr)).toMatchObject([
    { code: 'access.mfa-no-terminal', hint: expect.stringContaining('--mfa-code') },
  ])
})

test('opens the session with --mfa-code', async () => {
  const { exitCode, stdout } = await world.run([
    'list',
    'Z',
    '--config',
    withMfa(),
    '--output',
    'json',
    '--mfa-code',
    labMfaCode,
  ])
  expect({ exitCode, rows: jsonLines(stdout).length }).toEqual({ exitCode: 0, rows: 40 })
})

test('refuses a wrong external ID without showing it', async () => {
  const { exitCode, stderr, stdout } = await world.run(['list', 'Z'], { env: { Z_EXTERNAL_ID: 'wrong-external-id' } })
  expect({ exitCode, stdout: stdout.trim() }).toEqual({ exitCode: 3, stdout: '' })
  expect(stderr).toContain('CloudTrailLogs-Z')
  expect(stderr).toMatch(/external ID/i)
  expect(stderr).not.toContain('wrong-external-id')
})

test('reports that there are no credentials', async () => {
  const { exitCode, stderr } = await world.run(['list', 'B', '--output', 'json'], {
    env: { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
  })
  expect(exitCode).toBe(3)
  expect(errorsOf(stderr)).toMatchObject([{ code: expect.stringMatching(/^access\..*credentials|^access\..*profile/) }])
})

test('does not read a bucket of another owner', async () => {
  const file = world.configWith((text) => text.replace('owner: "111111111111"', 'owner: "999999999999"'))
  const { exitCode, stdout, stderr } = await world.run(['list', 'B', '--config', file, '--output', 'json'])
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
  expect(stderr).toContain('999999999999')
})

test('reports a bucket that does not exist', async () => {
  const file = world.configWith((text) => text.replace('bucket: example-cloudtrail-logs', 'bucket: no-such-bucket'))
  const { exitCode, stderr } = await world.run(['list', 'B', '--config', file, '--output', 'json'])
  expect(exitCode).toBe(3)
  expect(stderr).toContain('no-such-bucket')
})

test("refuses C's logs to B", async () => {
  const file = world.configWith((text) => text.replace('reads: own', 'reads: ["333333333333"]'))
  const { exitCode, stdout } = await world.run(['list', 'B', '--config', file, '--output', 'json'])
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
})

test('a failed account does not stop the others, and sets the exit code', async () => {
  const { exitCode, stdout, stderr } = await world.run(['list', '--output', 'json'], {
    env: { Z_EXTERNAL_ID: 'wrong-external-id' },
  })
  const own = storedLogs(world.lab).filter(({ logAccount }) => /^(2{12}|3{12})$/.test(logAccount))
  expect(exitCode).toBe(3)
  expect(
    jsonLines(stdout)
      .map(({ key }) => String(key))
      .sort(),
  ).toEqual(keysOf(own))
  expect(errorsOf(stderr)).toHaveLength(1)
})
