import { chmod, writeFile } from 'node:fs/promises'

import { expect, test, vi } from 'vitest'

import { sourceKeys } from '../../src/identity/sources.ts'
import { caught, everythingOf } from './caught.ts'
import { inFolder, keysOf, secret, shared, useEmptyWorld } from './source-world.ts'
import { type StsAnswer, grant, standInSts } from './stand-in-sts.ts'

useEmptyWorld()

function exportKeys(expiration?: string): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENV')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret)
  if (expiration !== undefined) vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', expiration)
}

test('env returns the keys of the environment', async () => {
  exportKeys()
  expect(await keysOf({ type: 'env' })).toMatchObject({ accessKeyId: 'AKIAENV', secretAccessKey: secret })
})

test('reads env again at each call', async () => {
  exportKeys()
  const load = sourceKeys(
    { type: 'env' },
    { account: 'B', region: 'us-east-1', sessionName: 's', mfaCode: async () => '' },
  )
  await load()
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIANEXT')
  expect((await load()).accessKeyId).toBe('AKIANEXT')
})

test('refuses expired keys of the environment', async () => {
  exportKeys('2020-01-01T00:00:00Z')
  expect((await caught(keysOf({ type: 'env' }))).code).toBe('access.source-expired')
})

test('returns the keys of a profile, and the new keys after the file changed', async () => {
  await shared('credentials', `[b]\naws_access_key_id = AKIAB\naws_secret_access_key = ${secret}\n`)
  const source = { type: 'profile', profile: 'b' } as const
  expect(await keysOf(source)).toMatchObject({ accessKeyId: 'AKIAB' })
  await shared('credentials', `[b]\naws_access_key_id = AKIAROTATED\naws_secret_access_key = ${secret}\n`)
  expect(await keysOf(source)).toMatchObject({ accessKeyId: 'AKIAROTATED' })
})

const chained = `[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = ${secret}\n`
const roleProfile = `[profile b]\nrole_arn = arn:aws:iam::222222222222:role/R\nsource_profile = base\nexternal_id = profile-external-id\n`

test('a profile with source_profile assumes its role, with its external ID', async () => {
  await using sts = await standInSts(grant())
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.endpoint)
  await shared('credentials', chained)
  await shared('config', roleProfile)
  expect(await keysOf({ type: 'profile', profile: 'b' })).toMatchObject({ accessKeyId: 'ASIAGRANTED1' })
  expect(sts.requests[0]?.params).toMatchObject({
    ExternalId: 'profile-external-id',
    RoleArn: 'arn:aws:iam::222222222222:role/R',
  })
})

test('a profile with mfa_serial asks for a code', async () => {
  await using sts = await standInSts(grant())
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.endpoint)
  await shared('credentials', chained)
  await shared('config', `${roleProfile}mfa_serial = arn:aws:iam::222222222222:mfa/ana\n`)
  await keysOf({ type: 'profile', profile: 'b' })
  expect(sts.requests[0]?.params).toMatchObject({
    SerialNumber: 'arn:aws:iam::222222222222:mfa/ana',
    TokenCode: '123456',
  })
})

test('a profile with credential_source uses the keys of the environment', async () => {
  await using sts = await standInSts(grant())
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.endpoint)
  exportKeys()
  await shared('config', '[profile b]\nrole_arn = arn:aws:iam::222222222222:role/R\ncredential_source = Environment\n')
  await keysOf({ type: 'profile', profile: 'b' })
  expect(sts.requests[0]?.headers['authorization']).toContain('AKIAENV/')
})

test.each<[string, StsAnswer, string]>([
  ['a denial', { code: 'AccessDenied', message: 'User is not authorized' }, 'access.assume-role-denied'],
  [
    'a refused MFA code',
    { code: 'AccessDenied', message: 'MultiFactorAuthentication failed, 123456' },
    'access.mfa-refused',
  ],
  [
    'an invalid external ID',
    { code: 'ValidationError', message: "Value 'profile-external-id' at 'externalId' failed to satisfy constraint" },
    'access.request-invalid',
  ],
])("explains %s of a profile's own role without its secrets", async (_, answer, code) => {
  await using sts = await standInSts(() => answer)
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.endpoint)
  await shared('credentials', chained)
  await shared('config', `${roleProfile}mfa_serial = arn:aws:iam::222222222222:mfa/ana\n`)
  const error = await caught(keysOf({ type: 'profile', profile: 'b' }))
  expect(error.code).toBe(code)
  expect(everythingOf(error)).not.toMatch(/profile-external-id|123456\b|very-secret-value/)
})

test('runs the credential_process of a profile', async () => {
  await shared(
    'config',
    `[profile b]\ncredential_process = echo '{"Version":1,"AccessKeyId":"AKIAPROC","SecretAccessKey":"s"}'\n`,
  )
  expect(await keysOf({ type: 'profile', profile: 'b' })).toMatchObject({ accessKeyId: 'AKIAPROC' })
})

test('the error of a credential_process that fails shows neither its arguments nor its output', async () => {
  await shared('config', `[profile b]\ncredential_process = sh -c "echo ${secret} >&2; exit 3" --password=hunter2\n`)
  const error = await caught(keysOf({ type: 'profile', profile: 'b' }))
  expect(error.code).toBe('access.process-failed')
  expect(everythingOf(error)).not.toMatch(/very-secret-value|hunter2/)
})

test('names a profile that does not exist', async () => {
  const error = await caught(keysOf({ type: 'profile', profile: 'nobody' }))
  expect(error.code).toBe('access.no-credentials')
  expect(error.message).toContain('tried the profile nobody')
})

test('the error of an SSO profile without a login says how to log in', async () => {
  await shared(
    'config',
    '[profile s]\nsso_session = corp\nsso_account_id = 222222222222\nsso_role_name = R\n[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n',
  )
  for (const type of ['sso', 'profile'] as const) {
    const error = await caught(keysOf({ type, profile: 's' }))
    expect(error).toMatchObject({ code: 'access.sso-expired', hint: 'run: aws sso login --profile s' })
  }
})

test('returns the keys of a process of the config', async () => {
  const file = inFolder('keys.sh')
  await writeFile(file, `#!/bin/sh\necho '{"Version":1,"AccessKeyId":"AKIAP","SecretAccessKey":"s"}'\n`)
  await chmod(file, 0o700)
  expect(await keysOf({ type: 'process', command: file })).toMatchObject({ accessKeyId: 'AKIAP' })
})

test('refuses expired keys of a process', async () => {
  const command = `echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"${secret}","Expiration":"2020-01-01T00:00:00Z"}'`
  const error = await caught(keysOf({ type: 'process', command }))
  expect(error.code).toBe('access.source-expired')
  expect(everythingOf(error)).not.toContain(secret)
})

test('the chain uses the environment first', async () => {
  exportKeys()
  expect(await keysOf({ type: 'chain' })).toMatchObject({ accessKeyId: 'AKIAENV' })
})

test('the chain uses a profile next', async () => {
  vi.stubEnv('AWS_PROFILE', 'b')
  await shared('credentials', `[b]\naws_access_key_id = AKIAB\naws_secret_access_key = ${secret}\n`)
  expect(await keysOf({ type: 'chain' })).toMatchObject({ accessKeyId: 'AKIAB' })
})

test('the error of a chain without keys says what it tried', async () => {
  const error = await caught(keysOf({ type: 'chain' }))
  expect(error.code).toBe('access.no-credentials')
  expect(error.message).toMatch(/environment, shared files \(profile default\), web identity, container, instance/)
})

test("passes the SDK's warnings on instead of writing them to the console", async () => {
  const warnings: string[] = []
  const console = vi.spyOn(globalThis.console, 'warn')
  exportKeys()
  vi.stubEnv('AWS_PROFILE', 'b')
  await shared('credentials', `[b]\naws_access_key_id = AKIAB\naws_secret_access_key = ${secret}\n`)
  await keysOf({ type: 'chain' }, { onWarning: (message) => warnings.push(message) })
  expect(console).not.toHaveBeenCalled()
  expect(warnings).toEqual([expect.stringContaining('Multiple credential sources')])
})

test.each([
  ['that does not exist', ''],
  ['whose process fails', '[profile nope]\ncredential_process = false\n'],
])('the default chain names the profile that it tried, even one %s', async (_, config) => {
  vi.stubEnv('AWS_PROFILE', 'nope')
  await shared('config', config)
  expect(await caught(keysOf({ type: 'chain' }))).toMatchObject({
    code: 'access.no-credentials',
    message: expect.stringContaining('profile nope'),
    hint: expect.stringContaining('credentials: { profile: nope }'),
  })
})

test.each([
  ['with a space', 'my prof', "[profile 'my prof']\n"],
  ['that every object has', 'constructor', '[profile constructor]\n'],
])('returns the keys of a profile with a name %s, and of a role that has it as its source', async (_, name, header) => {
  await using sts = await standInSts(grant())
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.endpoint)
  await shared('credentials', `[${name}]\nAWS_ACCESS_KEY_ID = AKIAMINE\naws_secret_access_key = ${secret}\n`)
  const role = 'arn:aws:iam::222222222222:role/R'
  await shared(
    'config',
    `${header}region = us-east-1\n[profile 'my role']\nrole_arn = ${role}\nsource_profile = ${name}\n`,
  )
  expect(await keysOf({ type: 'profile', profile: name })).toMatchObject({ accessKeyId: 'AKIAMINE' })
  await keysOf({ type: 'profile', profile: 'my role' })
  expect(sts.requests[0]?.headers['authorization']).toContain('AKIAMINE/')
  vi.stubEnv('AWS_PROFILE', name)
  expect(await keysOf({ type: 'chain' })).toMatchObject({ accessKeyId: 'AKIAMINE' })
})

test('names a missing profile with a space by its own name', async () => {
  await shared('config', "[profile 'my prof']\nregion = us-east-1\n")
  const error = await caught(keysOf({ type: 'profile', profile: 'my prof' }))
  expect(error).toMatchObject({ code: 'access.no-credentials', message: expect.stringContaining('[my prof]') })
  expect(everythingOf(error)).not.toContain('crosstrail:')
  expect(error.hint).toContain("aws configure list --profile 'my prof'")
})

const signIn = 'login_session = arn:aws:iam::222222222222:user/ana\nregion = us-east-1\n'
const loginRole = 'role_arn = arn:aws:iam::222222222222:role/Hop\n'

test.each([
  ['the profile itself', 'p', `[profile p]\n${signIn}`, 'p'],
  ['its source', 'r', `[profile p]\n${signIn}[profile r]\n${loginRole}source_profile = p\n`, 'p'],
  ['a profile with a space', 'my p', `[profile 'my p']\n${signIn}`, "'my p'"],
])('the error after a sign-out of aws login says how to sign in: %s', async (_, name, config, shown) => {
  vi.stubEnv('AWS_LOGIN_CACHE_DIRECTORY', inFolder('login'))
  await shared('config', config)
  for (const type of ['profile', 'chain'] as const) {
    vi.stubEnv('AWS_PROFILE', name)
    const error = await caught(keysOf(type === 'chain' ? { type } : { type, profile: name }))
    expect(error).toMatchObject({ code: 'access.login-expired', hint: `run: aws login --profile ${shown}` })
  }
})

test.each([
  ['SSO', 'sso_session = s\nsso_account_id = 222222222222\nsso_role_name = R\n'],
  ['keys', `aws_access_key_id = AKIAB\naws_secret_access_key = ${secret}\n`],
  ['a login', signIn],
])('refuses a profile with %s whose role has no source, as the AWS CLI does', async (_, fields) => {
  await shared('config', `[profile p]\n${fields}${loginRole}`)
  expect((await caught(keysOf({ type: 'profile', profile: 'p' }))).code).toBe('config.profile-unusable')
})
