import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { signIn, ssoProfile, startSsoPortal } from '../identity/sso-portal.ts'
import type { Environment } from './support/crosstrail.ts'
import { type SourceWorld, sourceWorld } from './support/source-world.ts'

let world: SourceWorld

beforeAll(async () => {
  world = await sourceWorld(100)
})
afterAll(() => world.stop())
beforeEach(() => world.lab.setFaults({}))

interface Told {
  readonly exitCode: number | null
  readonly code: unknown
  readonly message: unknown
  readonly hint: unknown
}

async function toldOf(credentials: string, env: Environment, args: readonly string[] = ['list']): Promise<Told> {
  const config = world.configOf([`credentials: ${credentials}`])
  const [verb = '', ...more] = args
  const { exitCode, stderr } = await world.run([verb, 'B', '--config', config, '--output', 'json', ...more], { env })
  const lines = stderr.split('\n').filter((line) => line.startsWith('{"error":'))
  expect(lines).toHaveLength(1)
  const { error } = JSON.parse(lines[0] ?? '') as { error: Omit<Told, 'exitCode'> }
  return { exitCode, code: error.code, message: error.message, hint: error.hint }
}

async function imds(listener: RequestListener): Promise<Environment> {
  return { AWS_EC2_METADATA_SERVICE_ENDPOINT: await world.serve(listener) }
}

test('names the sign-in command for an expired SSO session that cannot be renewed', async () => {
  const portal = await startSsoPortal(() => world.auditKeys())
  signIn(world.env['HOME'] ?? '', 'ended', portal, { expiresInMs: -1_000, renewable: false })
  const env = { AWS_CONFIG_FILE: world.file(ssoProfile('s', 'ended')), AWS_ENDPOINT_URL_SSO: portal.endpoint }
  expect(await toldOf('{ sso: s }', env)).toMatchObject({
    exitCode: 3,
    code: 'access.sso-expired',
    hint: 'run: aws sso login --profile s',
  })
  await portal[Symbol.asyncDispose]()
})

test('an unreachable SSO portal is a network error', async () => {
  const portal = await startSsoPortal(() => world.auditKeys())
  await portal[Symbol.asyncDispose]()
  signIn(world.env['HOME'] ?? '', 'far', portal, { expiresInMs: 3_600_000, renewable: false })
  const env = { AWS_CONFIG_FILE: world.file(ssoProfile('s', 'far')), AWS_ENDPOINT_URL_SSO: portal.endpoint }
  expect(await toldOf('{ sso: s }', env)).toMatchObject({
    code: expect.stringMatching(/^network\./),
    message: expect.stringContaining('GetRoleCredentials for account B'),
  })
})

test('names the hop limit in a container behind a hop limit of 1', async () => {
  const told = await toldOf('{ ec2: true }', await imds(() => undefined))
  expect(told).toMatchObject({
    exitCode: 3,
    code: 'access.metadata-hop-limit',
    message: expect.stringContaining('hop limit'),
    hint: expect.stringContaining('--http-put-response-hop-limit 2'),
  })
})

test('reports an instance without a role', async () => {
  const env = await imds((request, response) =>
    request.method === 'PUT' ? response.end('token') : response.writeHead(404).end(),
  )
  expect(await toldOf('{ ec2: true }', env)).toMatchObject({ exitCode: 3, code: 'access.metadata-no-role' })
})

test('reports expired keys of an instance that are not renewed', async () => {
  const ended = await world.auditKeys()
  world.lab.revokeSessions()
  const keys = { ...ended, Code: 'Success', AccessKeyId: ended.accessKeyId, SecretAccessKey: ended.secretAccessKey }
  const document = JSON.stringify({ ...keys, Token: ended.sessionToken, Expiration: '2020-01-01T00:00:00Z' })
  const env = await imds((request, response) =>
    response.end(request.method === 'PUT' ? 'token' : request.url?.endsWith('/') ? 'Role' : document),
  )
  expect(await toldOf('{ ec2: true }', env)).toMatchObject({
    exitCode: 3,
    code: 'access.source-expired',
    hint: expect.stringContaining('instance profile'),
  })
})

test('reports a container endpoint that refuses the token', async () => {
  const endpoint = await world.serve((_, response) => response.writeHead(403).end('{}'))
  const told = await toldOf('{ ecs: true }', { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/creds` })
  expect(told).toMatchObject({ exitCode: 3, code: 'access.container-refused', message: expect.stringContaining('403') })
})

test('keys of the environment that expire during a run stop it, with a hint why they are not renewed', async () => {
  const { accessKeyId, secretAccessKey, sessionToken } = await world.auditKeys()
  let gets = 0
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation === 'GetObject' && ++gets === 5) world.lab.revokeSessions()
      return undefined
    },
  })
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  }
  const told = await toldOf('{ env: true }', env, ['download', '--to', world.newPath(), '--concurrency', '2'])
  expect(told).toMatchObject({
    exitCode: 3,
    code: 'access.source-expired',
    hint: expect.stringContaining('a running program does not see changes of the environment'),
  })
})
