import { request, type RequestOptions } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CredentialsServer, startCredentialsServer } from '../../src/cli/credentials-server.ts'
import { CrosstrailError } from '../../src/error.ts'
import type { SigningKeys } from '../../src/identity/signing-keys.ts'

const keys = { accessKeyId: 'ASIA1', secretAccessKey: 'the-secret', sessionToken: 'the-token', expiresAtMs: 1_000 }
let current: () => SigningKeys
let failures: unknown[]
let server: CredentialsServer

beforeEach(async () => {
  current = () => keys
  failures = []
  server = await startCredentialsServer({ current: () => current(), onFailure: (error) => failures.push(error) })
})
afterEach(() => server.close())

function ask(changes: RequestOptions = {}, headers: Record<string, string> = {}) {
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const call = request(server.url, { headers: { authorization: server.token, ...headers }, ...changes }, (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      answer.on('end', () => resolve({ status: answer.statusCode, text }))
    })
    call.on('error', reject)
    call.end()
  })
}

test('returns the current keys if the token is right', async () => {
  const { status, text } = await ask()
  expect(status).toBe(200)
  expect(JSON.parse(text)).toEqual({
    AccessKeyId: 'ASIA1',
    SecretAccessKey: 'the-secret',
    Token: 'the-token',
    Expiration: '1970-01-01T00:00:01Z',
  })
  current = () => ({ ...keys, accessKeyId: 'ASIA2' })
  expect((await ask()).text).toContain('ASIA2')
})

test.each<[string, number, RequestOptions, Record<string, string>]>([
  ['no token', 401, {}, { authorization: '' }],
  ['another token', 401, {}, { authorization: 'x'.repeat(43) }],
  ['the token in another form', 401, {}, { authorization: 'Bearer x' }],
  ['the host name of a web page after DNS rebinding', 421, {}, { host: 'evil.example' }],
  ['localhost', 421, {}, { host: 'localhost:80' }],
  ['no port', 421, {}, { host: '127.0.0.1' }],
  ['another path', 404, { path: '/' }, {}],
  ['a query', 404, { path: '/credentials?x' }, {}],
  ['POST', 405, { method: 'POST' }, {}],
  ['PUT', 405, { method: 'PUT' }, {}],
  ['OPTIONS', 405, { method: 'OPTIONS' }, {}],
])('%s is refused with %i and no keys', async (_what, expected, changes, headers) => {
  const { status, text } = await ask(changes, headers)
  expect(status).toBe(expected)
  expect(text).not.toMatch(/the-secret|the-token|ASIA1/)
  expect(text).not.toContain(server.token)
})

test('reports the error if there are no keys, and continues', async () => {
  current = () => {
    throw new CrosstrailError('access.assume-role-denied', 'refused')
  }
  const { status, text } = await ask()
  expect(status).toBe(503)
  expect(JSON.parse(text)).toMatchObject({ code: 'access.assume-role-denied' })
  expect(failures).toEqual([expect.objectContaining({ code: 'access.assume-role-denied' })])
  current = () => keys
  expect((await ask()).status).toBe(200)
})

test('listens on loopback only, with a new token each time', async () => {
  const other = await startCredentialsServer({ current, onFailure: () => undefined })
  await other.close()
  expect(new URL(server.url).hostname).toBe('127.0.0.1')
  expect(server.token).toMatch(/^[\w-]{43}$/)
  expect(other.token).not.toBe(server.token)
})

test('does not answer after it is closed', async () => {
  await server.close()
  await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
