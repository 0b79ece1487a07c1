import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labExternalId, labMfaCode, labMfaSerial } from '../../src/lab/fixture.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
let to: string

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 20 } })
  to = world.newPath()
})
afterAll(() => world.stop())

/** Secret keys, the external ID, the MFA code, and the token of every session that was used. */
function secrets(): string[] {
  const { bAudit, zAudit, root, admin } = world.lab.principals
  const tokens = world.lab.requests.recent().map(({ headers }) => headers['x-amz-security-token'])
  return [
    ...[bAudit, zAudit, root, admin].map(({ secretAccessKey }) => secretAccessKey),
    labExternalId,
    labMfaCode,
    ...new Set(tokens.filter((token) => typeof token === 'string')),
  ]
}

const withMfa = () =>
  world.configWith((text) => text.replace('    externalId:', `    mfa: ${labMfaSerial}\n    externalId:`))
const mfa = () => ['--config', withMfa(), '--mfa-code', labMfaCode]

test.each<[string, () => readonly string[]]>([
  ['accounts', () => ['accounts']],
  ['accounts as JSON', () => ['accounts', '--output', 'json']],
  ['list', () => ['list', '--verbose']],
  ['list with an MFA code', () => ['list', 'Z', '--verbose', ...mfa()]],
  ['download', () => ['download', '--to', to, '--verbose']],
  ['download as JSON', () => ['download', '--to', to, '--verbose', '--overwrite', '--output', 'json', ...mfa()]],
])('%s shows and keeps no secret', async (_name, args) => {
  const { exitCode, stdout, stderr } = await world.run(args())
  expect(exitCode).toBe(0)
  expectNoSecret(stdout + stderr)
})

test.each(['table', 'json'])('an error shows no secret either: %s', async (output) => {
  const refuseAll = { fault: { status: 403, code: 'AccessDenied', message: 'Access Denied' }, probability: 1 }
  for (const operations of [['AssumeRole'], ['ListObjectsV2'], ['GetObject']]) {
    world.lab.setFaults({ rules: [{ ...refuseAll, operations }] })
    const { exitCode, stdout, stderr } = await world.run([
      'download',
      '--to',
      to,
      '--overwrite',
      '--verbose',
      '--output',
      output,
    ])
    expect(exitCode).not.toBe(0)
    expectNoSecret(stdout + stderr)
  }
  world.lab.setFaults({})
})

test('a mistaken value of the config is shown, but not where it is a secret', async () => {
  const file = world.configWith((text) => text.replace('${env:Z_EXTERNAL_ID}', '"s3cret with blanks"'))
  const { exitCode, stderr } = await world.run(['list', '--config', file])
  expect(exitCode).toBe(2)
  expect(stderr).not.toContain('s3cret')
})

test('the journals hold no secret', () => {
  const state = join(to, '.crosstrail')
  const journals = readdirSync(state).filter((name) => name.endsWith('.ndjson'))
  expect(journals.length).toBeGreaterThan(3)
  for (const name of journals) expectNoSecret(readFileSync(join(state, name), 'utf8'))
})

function expectNoSecret(text: string): void {
  const known = secrets()
  expect(known.length).toBeGreaterThan(5)
  expect(known.filter((secret) => text.includes(secret))).toEqual([])
}
