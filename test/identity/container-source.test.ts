import { writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'

import { expect, test, vi } from 'vitest'

import { caught, everythingOf } from './caught.ts'
import { inFolder, keysOf, laterIso, secret, serve, useEmptyWorld } from './source-world.ts'

useEmptyWorld()

const tokenText = 'container-token-value'

/** A container credentials endpoint that requires `tokenText`. */
const agent: RequestListener = (request, response) => {
  if (request.headers.authorization !== tokenText)
    return response.writeHead(403).end(JSON.stringify({ message: secret }))
  if (request.url !== '/creds') return response.writeHead(404).end()
  return response.end(
    JSON.stringify({ AccessKeyId: 'ASIAECS', SecretAccessKey: secret, Token: 't', Expiration: laterIso }),
  )
}

async function container(path = '/creds', listener = agent): Promise<void> {
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${await serve(listener)}${path}`)
}

async function tokenFile(content: string): Promise<void> {
  await writeFile(inFolder('token'), content)
  vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', inFolder('token'))
}

test('sends the token of the environment to the endpoint', async () => {
  await container()
  vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN', tokenText)
  expect(await keysOf({ type: 'ecs' })).toMatchObject({ accessKeyId: 'ASIAECS', expiresAtMs: Date.parse(laterIso) })
})

test('reads the token file again at each call', async () => {
  await container()
  await tokenFile('an older token')
  expect((await caught(keysOf({ type: 'ecs' }))).code).toBe('access.container-refused')
  await tokenFile(tokenText)
  expect(await keysOf({ type: 'ecs' })).toMatchObject({ accessKeyId: 'ASIAECS' })
})

test.each<[string, string, RegExp, () => Promise<void>]>([
  [
    'a token that the endpoint rejects',
    'access.container-refused',
    /pod identity association/,
    async () => {
      await container()
      await tokenFile('wrong')
    },
  ],
  [
    'a path that has no credentials',
    'access.container-refused',
    /task role/,
    async () => {
      await container('/elsewhere')
      await tokenFile(tokenText)
    },
  ],
  [
    'an endpoint with a server error',
    'access.container-refused',
    /run it again/,
    () => container('/creds', (_, response) => response.writeHead(500).end(secret)),
  ],
  [
    'a token file that does not exist',
    'access.container-token',
    /AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE/,
    async () => {
      await container()
      vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', inFolder('nowhere'))
    },
  ],
  [
    'an endpoint without a server',
    'access.container-unreachable',
    /unless this is an ECS task/,
    async () => void vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://127.0.0.1:1/creds'),
  ],
  ['no container', 'access.no-credentials', /task role/, async () => undefined],
  [
    'an address that no token may be sent to',
    'access.no-credentials',
    /use https/,
    async () => void vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', 'http://example.com/creds'),
  ],
])('%s is %s', async (_, code, hint, set) => {
  await set()
  const error = await caught(keysOf({ type: 'ecs' }))
  expect(error).toMatchObject({ code, hint: expect.stringMatching(hint) })
  expect(everythingOf(error)).not.toMatch(/very-secret-value|container-token-value/)
})

test('calls an agent again that fails temporarily', async () => {
  let calls = 0
  await container('/creds', (request, response) =>
    ++calls === 1 ? response.writeHead(503).end() : agent(request, response),
  )
  vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN', `${tokenText}\n`)
  expect(await keysOf({ type: 'ecs' })).toMatchObject({ accessKeyId: 'ASIAECS' })
})

test('does not repeat a refused call', async () => {
  let calls = 0
  await container('/creds', (_, response) => {
    calls++
    response.writeHead(403).end()
  })
  await caught(keysOf({ type: 'ecs' }))
  expect(calls).toBe(1)
})

test('rejects an answer without credentials and shows no part of it', async () => {
  await container('/creds', (_, response) => response.end(`{"AccessKeyId":"A","SecretAccessKey":"${secret}"}`))
  const error = await caught(keysOf({ type: 'ecs' }))
  expect(error.code).toBe('access.no-credentials')
  expect(everythingOf(error)).not.toContain(secret)
})

test('rejects a token that contains a line break', async () => {
  await container()
  await tokenFile('a\nhost: elsewhere')
  expect((await caught(keysOf({ type: 'ecs' }))).code).toBe('access.container-token')
})

test('aborts the call if the endpoint never answers', async () => {
  await container('/creds', () => undefined)
  expect((await caught(keysOf({ type: 'ecs' }))).code).toBe('access.container-unreachable')
})
