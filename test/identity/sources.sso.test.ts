import { expect, onTestFinished, test, vi } from 'vitest'

import { createHttpClient } from '../../src/s3/http-client.ts'
import { sessionAnswerLimit } from '../../src/s3/bounded-body.ts'
import { sdkHttpHandler } from '../../src/s3/sdk-http-handler.ts'
import { caught, everythingOf } from './caught.ts'
import { inFolder, keysOf, shared, useEmptyWorld } from './source-world.ts'
import { type SsoPortal, cachedToken, signIn, ssoProfile, startSsoPortal } from './sso-portal.ts'

useEmptyWorld()

let given = 0
const numberedKeys = () => ({
  accessKeyId: `ASIASSO${++given}`,
  secretAccessKey: 'sso-secret-key',
  sessionToken: 'sso-session-token',
  expiresAtMs: Date.now() + 3_600_000,
})
const source = { type: 'sso', profile: 's' } as const
const hour = 3_600_000

// The SDK remembers for half a minute that it tried to renew a session's token, by the session's name.
let sessions = 0

/** A portal, the profile `s` of a session of its own, and how to sign in there. */
async function corporation() {
  given = 0
  const portal = await startSsoPortal(numberedKeys)
  onTestFinished(async () => portal[Symbol.asyncDispose]())
  vi.stubEnv('AWS_ENDPOINT_URL_SSO', portal.endpoint)
  vi.stubEnv('AWS_ENDPOINT_URL_SSO_OIDC', portal.endpoint)
  const session = `corp${++sessions}`
  await shared('config', ssoProfile('s', session))
  return {
    portal,
    token: () => cachedToken(inFolder(''), session),
    login: (expiresInMs: number, renewable = true) => signIn(inFolder(''), session, portal, { expiresInMs, renewable }),
  }
}

test.each(['sso', 'profile'] as const)('an SSO session gives the keys of its role: %s', async (type) => {
  const { portal, login } = await corporation()
  login(hour)
  expect(await keysOf({ type, profile: 's' })).toMatchObject({
    accessKeyId: 'ASIASSO1',
    sessionToken: 'sso-session-token',
    expiresAtMs: expect.closeTo(Date.now() + hour, -4),
  })
  expect(portal.calls).toEqual(['GetRoleCredentials 222222222222 Audit 200'])
})

test('the portal is asked again at each call', async () => {
  const { login } = await corporation()
  login(hour)
  const ids = [await keysOf(source), await keysOf(source)].map(({ accessKeyId }) => accessKeyId)
  expect(ids).toEqual(['ASIASSO1', 'ASIASSO2'])
})

test('a role of a profile is assumed with the keys of its source_profile, an SSO one', async () => {
  const { login } = await corporation()
  login(hour)
  await shared(
    'config',
    `[profile b]\nrole_arn = arn:aws:iam::222222222222:role/R\nsource_profile = s\n${ssoProfile('s', `corp${sessions}`)}`,
  )
  vi.stubEnv('AWS_ENDPOINT_URL_STS', 'http://127.0.0.1:1')
  expect((await caught(keysOf({ type: 'profile', profile: 'b' }))).code).toBe('network.unreachable')
  expect(given).toBe(1)
})

test('a token that is about to end is renewed, and kept where the AWS tools keep it', async () => {
  const { portal, login, token } = await corporation()
  login(60_000)
  expect(await keysOf(source)).toMatchObject({ accessKeyId: 'ASIASSO1' })
  expect(portal.calls).toEqual(['CreateToken 200', 'GetRoleCredentials 222222222222 Audit 200'])
  expect(token()).toBe('sso-access-token-renewed')
})

test('a token that has ended is renewed with its refresh token', async () => {
  const { login } = await corporation()
  login(-60_000)
  expect(await keysOf(source)).toMatchObject({ accessKeyId: 'ASIASSO1' })
})

type World = Awaited<ReturnType<typeof corporation>>

test.each<[string, (world: World) => void]>([
  ['there is no token', () => undefined],
  ['the token has ended and cannot be renewed', ({ login }) => login(-60_000, false)],
  [
    'the refresh token has ended too',
    ({ portal, login }) => {
      login(-60_000)
      portal.refreshToken = undefined
    },
  ],
  [
    'the portal no longer takes the token',
    ({ portal, login }) => {
      login(hour)
      portal.accessToken = 'another'
    },
  ],
])('where %s, the error says how to sign in', async (_, set) => {
  const world = await corporation()
  set(world)
  const error = await caught(keysOf(source))
  expect(error).toMatchObject({ code: 'access.sso-expired', hint: 'run: aws sso login --profile s' })
  expect(everythingOf(error)).not.toMatch(/sso-(access-token|refresh-token|client-secret)/)
})

test('the older kind of profile, without a session, is signed in the same way', async () => {
  await corporation()
  await shared(
    'config',
    '[profile s]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 222222222222\nsso_role_name = Audit\n',
  )
  expect(await caught(keysOf(source))).toMatchObject({
    code: 'access.sso-expired',
    hint: 'run: aws sso login --profile s',
  })
})

test.each<[SsoPortal['refusal'] & object, string]>([
  [{ status: 403, type: 'ForbiddenException', message: 'No access' }, 'access.sso-forbidden'],
  [{ status: 404, type: 'ResourceNotFoundException', message: 'no such account' }, 'access.sso-forbidden'],
  [{ status: 429, type: 'TooManyRequestsException', message: 'slow' }, 'network.throttled'],
])('a refusal of the portal has a code of its own: %o', async (refusal, code) => {
  const { portal, login } = await corporation()
  login(hour)
  portal.refusal = refusal
  expect((await caught(keysOf(source))).code).toBe(code)
})

test('a portal that cannot be reached is a matter of the network, and the host is named', async () => {
  const { login } = await corporation()
  login(hour)
  vi.stubEnv('AWS_ENDPOINT_URL_SSO', 'http://127.0.0.1:1')
  const http = createHttpClient({ env: {} })
  onTestFinished(() => http.close())
  const error = await caught(keysOf(source, { requestHandler: sdkHttpHandler(http, { limit: sessionAnswerLimit }) }))
  expect(error.code).toMatch(/^network\./)
  expect(error.message).toContain('127.0.0.1:1')
  expect(error.hint).toContain('AWS_ENDPOINT_URL_SSO')
})

test.each([
  [
    'a session that is nowhere',
    '[profile s]\nsso_session = nowhere\nsso_account_id = 222222222222\nsso_role_name = R\n',
  ],
  ['no role', '[profile s]\nsso_start_url = https://x\nsso_region = eu-west-1\nsso_account_id = 222222222222\n'],
])('a profile with %s is a mistake of the file, not of the login', async (_, config) => {
  await corporation()
  await shared('config', config)
  expect(await caught(keysOf(source))).toMatchObject({
    code: 'access.no-credentials',
    hint: expect.stringContaining('~/.aws/config'),
  })
})
