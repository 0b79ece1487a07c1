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

// The SDK remembers by session name for half a minute that it tried to renew a token.
let sessions = 0

/** A portal, the profile `s` of a new session, and a function that signs in there. */
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

test.each(['sso', 'profile'] as const)("gives the keys of an SSO session's role: %s", async (type) => {
  const { portal, login } = await corporation()
  login(hour)
  expect(await keysOf({ type, profile: 's' })).toMatchObject({
    accessKeyId: 'ASIASSO1',
    sessionToken: 'sso-session-token',
    expiresAtMs: expect.closeTo(Date.now() + hour, -4),
  })
  expect(portal.calls).toEqual(['GetRoleCredentials 222222222222 Audit 200'])
})

test('calls the portal again at each call', async () => {
  const { login } = await corporation()
  login(hour)
  const ids = [await keysOf(source), await keysOf(source)].map(({ accessKeyId }) => accessKeyId)
  expect(ids).toEqual(['ASIASSO1', 'ASIASSO2'])
})

test('assumes the role of a profile with the keys of its SSO source_profile', async () => {
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

test('renews a token shortly before it expires, and stores it where the AWS tools do', async () => {
  const { portal, login, token } = await corporation()
  login(60_000)
  expect(await keysOf(source)).toMatchObject({ accessKeyId: 'ASIASSO1' })
  expect(portal.calls).toEqual(['CreateToken 200', 'GetRoleCredentials 222222222222 Audit 200'])
  expect(token()).toBe('sso-access-token-renewed')
})

test('renews an expired token with its refresh token', async () => {
  const { login } = await corporation()
  login(-60_000)
  expect(await keysOf(source)).toMatchObject({ accessKeyId: 'ASIASSO1' })
})

type World = Awaited<ReturnType<typeof corporation>>

test.each<[string, (world: World) => void]>([
  ['there is no token', () => undefined],
  ['the token has expired and cannot be renewed', ({ login }) => login(-60_000, false)],
  [
    'the refresh token has expired too',
    ({ portal, login }) => {
      login(-60_000)
      portal.refreshToken = undefined
    },
  ],
  [
    'the portal no longer accepts the token',
    ({ portal, login }) => {
      login(hour)
      portal.accessToken = 'another'
    },
  ],
])('if %s, the error says how to sign in', async (_, set) => {
  const world = await corporation()
  set(world)
  const error = await caught(keysOf(source))
  expect(error).toMatchObject({ code: 'access.sso-expired', hint: 'run: aws sso login --profile s' })
  expect(everythingOf(error)).not.toMatch(/sso-(access-token|refresh-token|client-secret)/)
})

test('signs in an older profile without a session in the same way', async () => {
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
])('each refusal of the portal has its own code: %o', async (refusal, code) => {
  const { portal, login } = await corporation()
  login(hour)
  portal.refusal = refusal
  expect((await caught(keysOf(source))).code).toBe(code)
})

test('reports a portal that cannot be reached as a network error and names the host', async () => {
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
    'a session that does not exist',
    '[profile s]\nsso_session = nowhere\nsso_account_id = 222222222222\nsso_role_name = R\n',
  ],
  ['no role', '[profile s]\nsso_start_url = https://x\nsso_region = eu-west-1\nsso_account_id = 222222222222\n'],
])('reports a profile with %s as an error in the file, not a missing login', async (_, config) => {
  await corporation()
  await shared('config', config)
  expect(await caught(keysOf(source))).toMatchObject({
    code: 'access.no-credentials',
    hint: expect.stringContaining('~/.aws/config'),
  })
})
