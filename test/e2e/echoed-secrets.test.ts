import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { labBucket, labExternalId, labMfaCode, labMfaSerial } from '../../src/lab/fixture.ts'
import { jsonLines } from './support/crosstrail.ts'
import { mayDelete, oldWindow } from './support/delete-world.ts'
import { echoes, type EchoingServer, echoingServer } from './support/echoing-server.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
let server: EchoingServer
let config: string

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 12, window: oldWindow } })
  server = await echoingServer(world.lab.endpoint)
  config = world.configWith((text) =>
    mayDelete(text).replace('    externalId:', `    mfa: ${labMfaSerial}\n    externalId:`),
  )
})
afterEach(() => {
  server.echo = () => undefined
})
afterAll(async () => {
  await server.stop()
  await world.stop()
})

/** Runs a command verbosely for Z, whose session needs an external ID and an MFA code. */
async function run(command: string, ...args: readonly string[]) {
  server.forget()
  const aws = ['--config', config, '--mfa-code', labMfaCode, '--max-attempts', '1', '--verbose']
  const result = await world.run([command, 'Z', ...aws, ...args], {
    env: { AWS_ENDPOINT_URL_S3: server.endpoint, AWS_ENDPOINT_URL_STS: server.endpoint },
  })
  expectNoSecret(result.stdout)
  expectNoSecret(result.stderr)
  return result
}

/** Changes the answer with each request, so that each field has another value each time. */
function inTurn(isAsked: (asked: { method: string; url: string; body: string }) => boolean): () => number {
  let turn = 0
  server.echo = (asked) => (isAsked(asked) ? echoes[turn++ % echoes.length] : undefined)
  return () => turn
}

const isSts = ({ body }: { body: string }) => body.includes('Action=')
const isObject = ({ method, url }: { method: string; url: string }) => method === 'GET' && url.includes('.json.gz')
const isPut = ({ method }: { method: string }) => method === 'PUT'

test.each(['message', 'code', 'redirect'] as const)('shows no secret that STS repeats in its %s', async (echo) => {
  server.echo = (asked) => (isSts(asked) ? echo : undefined)
  const { exitCode, stdout, stderr } = await run('creds', '--format', 'process')
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
  expect(stderr).toContain('crosstrail: ')
})

test.each(['message', 'code', 'headers', 'redirect', 'document'] as const)(
  'shows no secret that a listing repeats in its %s',
  async (echo) => {
    server.echo = (asked) => (isSts(asked) ? undefined : echo)
    const { exitCode, stderr } = await run('list', '--output', 'json')
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('"error"')
  },
)

test.each(['json', 'table'])(
  'neither output nor journal of a download contains a repeated secret, as %s',
  async (format) => {
    const turns = inTurn(isObject)
    const { exitCode } = await run('download', '--to', world.newPath(), '--output', format)
    expect(exitCode).toBe(1)
    expect(turns()).toBeGreaterThanOrEqual(echoes.length)
  },
)

test('neither output nor journal of a copy contains a repeated secret', async () => {
  const turns = inTurn(isPut)
  const journals = ['--journal-dir', join(world.newPath(), 'journals')]
  const { exitCode } = await run('copy', '--to', `s3://${labBucket}/archive`, '--output', 'json', ...journals)
  expect(exitCode).toBe(1)
  expect(turns()).toBeGreaterThanOrEqual(echoes.length)
})

test('the metrics of a pull contain no repeated secret', async () => {
  inTurn(isObject)
  const [to, metrics] = [world.newPath(), `${world.newPath()}.prom`]
  const { exitCode } = await run('pull', '--to', to, '--since', '2025-01-01', '--metrics-file', metrics)
  expect(exitCode).toBe(1)
  expect(readFileSync(metrics, 'utf8')).toContain('crosstrail_pull_last_run_failures')
})

test.each(['json', 'table'])('the findings of doctor contain no repeated secret, as %s', async (format) => {
  inTurn((asked) => !isSts(asked))
  const { exitCode, stdout } = await run('doctor', '--output', format)
  expect(exitCode).toBe(3)
  expect(stdout).toContain('AccessDenied')
})

test.each(['json', 'table'])(
  'doctor does not show a token in place of a region, key or setting, as %s',
  async (format) => {
    server.echo = (asked) => (isSts(asked) ? undefined : 'marks')
    const { stdout } = await run('doctor', '--output', format)
    expect(stdout).toMatch(/\*{4}/)
  },
)

test('results, plans and journals contain no token in place of an ETag, version or storage class', async () => {
  server.echo = (asked) => (isSts(asked) || isObject(asked) ? undefined : 'marks')
  const listed = await run('list', '--output', 'json')
  expect(jsonLines(listed.stdout)).toContainEqual(expect.objectContaining({ etag: expect.stringMatching(/^\*{4}/) }))
  await run('copy', '--to', `s3://${labBucket}/marked`, '--journal-dir', join(world.newPath(), 'journals'))
  await run('delete', '--until', '2025-01-02', '--yes', '--journal-dir', join(world.newPath(), 'journals'))
})

test('no file contains a secret', () => {
  const home = world.env['HOME'] ?? ''
  const written = readdirSync(home, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file !== world.env['AWS_SHARED_CREDENTIALS_FILE'])
  expect(written.filter((file) => file.endsWith('.ndjson')).length).toBeGreaterThan(4)
  for (const file of written) {
    const bytes = readFileSync(file)
    expectNoSecret((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1'))
  }
})

/** Expects no secret, no beginning of a token, and no encoded form of either. */
function expectNoSecret(text: string): void {
  const { zAudit } = world.lab.principals
  const tokens = world.lab.issuedSecrets().flatMap((secret) => [secret, secret.slice(0, 16)])
  const encoded = [labExternalId, ...world.lab.issuedSecrets()].flatMap((secret) => [
    encodeURIComponent(secret),
    Buffer.from(`token:${secret}`).toString('base64').slice(8, 28),
  ])
  const known = [zAudit.secretAccessKey, labExternalId, labMfaCode, ...tokens, ...encoded]
  expect(known.filter((secret) => text.includes(secret))).toEqual([])
}
