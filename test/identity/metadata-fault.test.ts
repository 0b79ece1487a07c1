import type { RequestListener } from 'node:http'

import { expect, test, vi } from 'vitest'

import { findMetadataFault } from '../../src/identity/metadata-fault.ts'
import { caught } from './caught.ts'
import { keysOf, laterIso, secret, serve, useEmptyWorld } from './source-world.ts'

useEmptyWorld()

const good = { AccessKeyId: 'ASIAEC2', SecretAccessKey: secret, Token: 't', Expiration: laterIso, Code: 'Success' }

/** A metadata service. Each step can have a different answer. */
async function metadata(steps: { token?: RequestListener; role?: RequestListener; keys?: unknown }): Promise<void> {
  const endpoint = await serve((request, response) => {
    if (request.method === 'PUT') return steps.token ? steps.token(request, response) : response.end('imds-token')
    if (request.headers['x-aws-ec2-metadata-token'] !== 'imds-token') return response.writeHead(401).end()
    if (!request.url?.endsWith('/')) return response.end(JSON.stringify(steps.keys ?? good))
    return steps.role ? steps.role(request, response) : response.end('ProfileRole')
  })
  vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', endpoint)
}

const status =
  (code: number): RequestListener =>
  (_, response) =>
    response.writeHead(code).end()

test.each<[string, string, RegExp, () => Promise<void> | void]>([
  [
    'no server answers',
    'access.metadata-unreachable',
    /EC2 instance/,
    () => void vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', 'http://127.0.0.1:1'),
  ],
  [
    'the address of the service is invalid',
    'access.metadata-unreachable',
    /AWS_EC2_METADATA_SERVICE_ENDPOINT/,
    () => void vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', 'not an address'),
  ],
  [
    'the answer to the token request never arrives, as behind a hop limit of 1',
    'access.metadata-hop-limit',
    /--http-put-response-hop-limit 2/,
    () => metadata({ token: () => undefined }),
  ],
  [
    'the service is disabled',
    'access.metadata-refused',
    /--http-endpoint enabled/,
    () => metadata({ token: status(403) }),
  ],
  ['the service does not support tokens', 'access.metadata-no-token', /IMDSv1/, () => metadata({ token: status(405) })],
  [
    'no instance profile is attached',
    'access.metadata-no-role',
    /associate-iam-instance-profile/,
    () => metadata({ role: status(404) }),
  ],
  ['the list of roles is empty', 'access.metadata-no-role', /associate/, () => metadata({ role: status(200) })],
  [
    'the role does not trust EC2',
    'access.metadata-role-refused',
    /ec2\.amazonaws\.com/,
    () => metadata({ keys: { Code: 'AssumeRoleUnauthorizedAccess', Message: `EC2 cannot assume ${secret}` } }),
  ],
])('if %s, the error is %s and its hint says what to do', async (_, code, hint, set) => {
  await set()
  const error = await caught(keysOf({ type: 'ec2' }))
  expect(error).toMatchObject({ code, hint: expect.stringMatching(hint), facts: { account: 'B', source: 'ec2' } })
  expect(error.message).not.toContain(secret)
})

test('the message for a token request without an answer names the hop limit', async () => {
  await metadata({ token: () => undefined })
  expect((await caught(keysOf({ type: 'ec2' }))).message).toContain('its hop limit is too low for a container')
})

test('finds no fault if the instance answers correctly', async () => {
  await metadata({})
  expect(await findMetadataFault('B')).toBeUndefined()
})

test('uses expired keys, as AWS advises, and passes the warning on', async () => {
  await metadata({ keys: { ...good, Expiration: '2020-01-01T00:00:00Z' } })
  const warnings: string[] = []
  const keys = await keysOf({ type: 'ec2' }, { onWarning: (message) => warnings.push(message) })
  expect(keys.expiresAtMs).toBeGreaterThan(Date.now())
  expect(warnings.join()).toContain('expiration extension')
})
