import { writeFile } from 'node:fs/promises'

import { expect, test, vi } from 'vitest'

import { caught, everythingOf } from './caught.ts'
import { inFolder, keysOf, laterIso, secret, serve, useEmptyWorld } from './source-world.ts'
import { grant, standInSts } from './stand-in-sts.ts'

useEmptyWorld()

async function fakeImds(state: { tokens: number }): Promise<string> {
  return serve((request, response) => {
    if (request.method === 'PUT' && request.url === '/latest/api/token') {
      state.tokens++
      return response.end('imds-token')
    }
    if (request.headers['x-aws-ec2-metadata-token'] !== 'imds-token') return response.writeHead(401).end()
    if (request.url?.endsWith('/security-credentials/')) return response.end('ProfileRole')
    return response.end(
      JSON.stringify({
        AccessKeyId: 'ASIAEC2',
        SecretAccessKey: secret,
        Token: 't',
        Expiration: laterIso,
        Code: 'Success',
      }),
    )
  })
}

test('ec2 calls the metadata service with a token (IMDSv2)', async () => {
  const state = { tokens: 0 }
  vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', await fakeImds(state))
  expect(await keysOf({ type: 'ec2' })).toEqual({
    accessKeyId: 'ASIAEC2',
    secretAccessKey: secret,
    sessionToken: 't',
    expiresAtMs: Date.parse(laterIso),
  })
  expect(state.tokens).toBe(1)
})

test('ec2 never calls a metadata service without a token', async () => {
  const methods: (string | undefined)[] = []
  const endpoint = await serve((request, response) => {
    methods.push(request.method)
    response.writeHead(request.method === 'PUT' ? 404 : 200).end('ProfileRole')
  })
  vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', endpoint)
  expect((await caught(keysOf({ type: 'ec2' }))).code).toBe('access.metadata-no-token')
  expect(new Set(methods)).toEqual(new Set(['PUT']))
})

test('rejects an invalid answer of the metadata service without quoting it', async () => {
  const endpoint = await serve((request, response) => response.end(request.method === 'PUT' ? 't' : `${secret}{`))
  vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', endpoint)
  const error = await caught(keysOf({ type: 'ec2' }))
  expect(error.code).toBe('access.no-credentials')
  expect(everythingOf(error)).not.toContain(secret)
})

const webIdentity = () =>
  ({ type: 'webIdentity', tokenFile: inFolder('token'), role: 'arn:aws:iam::222222222222:role/Web' }) as const

test('assumes the role of a web identity token with our session name and policy', async () => {
  await using sts = await standInSts(grant())
  await writeFile(inFolder('token'), 'jwt-token-value')
  expect(await keysOf(webIdentity(), { endpoint: sts.endpoint, policy: '{}' })).toMatchObject({
    accessKeyId: 'ASIAGRANTED1',
  })
  expect(sts.requests[0]?.params).toMatchObject({
    Action: 'AssumeRoleWithWebIdentity',
    WebIdentityToken: 'jwt-token-value',
    RoleArn: 'arn:aws:iam::222222222222:role/Web',
    RoleSessionName: 'crosstrail-B',
    Policy: '{}',
  })
})

test('an expired web identity token has its own code', async () => {
  await using sts = await standInSts(() => ({
    code: 'ExpiredTokenException',
    message: 'Token expired: now is later',
    status: 400,
  }))
  await writeFile(inFolder('token'), 'jwt-token-value')
  expect(await caught(keysOf(webIdentity(), { endpoint: sts.endpoint }))).toMatchObject({
    code: 'access.web-identity-expired',
    message: expect.stringContaining(inFolder('token')),
  })
})

test.each(['InvalidIdentityToken', 'AccessDenied'])(
  'reports %s as a refused web identity without showing the token',
  async (code) => {
    await using sts = await standInSts(() => ({ code, message: 'Not authorized: jwt-token-value', status: 400 }))
    await writeFile(inFolder('token'), 'jwt-token-value')
    const error = await caught(keysOf(webIdentity(), { endpoint: sts.endpoint }))
    expect(error.code).toBe('access.web-identity-refused')
    expect(everythingOf(error)).not.toContain('jwt-token-value')
  },
)

test('names a token file that does not exist', async () => {
  const error = await caught(keysOf(webIdentity()))
  expect(error).toMatchObject({
    code: 'access.no-credentials',
    message: expect.stringContaining(inFolder('token')),
  })
})
