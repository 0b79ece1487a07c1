import { afterEach, expect, onTestFinished, test, vi } from 'vitest'

import { roleChain } from '../../src/identity/role-chain.ts'
import { assumeRole, getCallerIdentity } from '../../src/identity/sts.ts'
import { sessionAnswerLimit } from '../../src/s3/bounded-body.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { sdkHttpHandler } from '../../src/s3/sdk-http-handler.ts'
import { endlessServer } from '../endless-server.ts'
import { accountB } from './accounts.ts'
import { caught } from './caught.ts'
import { grant, standInSts } from './stand-in-sts.ts'

const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'the-secret-access-key' }

afterEach(() => {
  vi.unstubAllEnvs()
})

test('sends everything that is configured', async () => {
  await using sts = await standInSts(grant())
  const { role } = roleChain(
    accountB({
      externalId: 'Z-4711',
      durationSeconds: 900,
      mfa: 'arn:aws:iam::222222222222:mfa/ana',
      sourceIdentity: 'ana',
      tags: { team: 'audit' },
    }),
  )
  await assumeRole(keys, role, { policy: '{}', mfaCode: '123456' }, { region: 'eu-central-1', endpoint: sts.endpoint })
  expect(sts.requests[0]?.params).toEqual({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: 'arn:aws:iam::111111111111:role/CloudTrailLogs-B',
    RoleSessionName: 'crosstrail-B',
    DurationSeconds: '900',
    ExternalId: 'Z-4711',
    SerialNumber: 'arn:aws:iam::222222222222:mfa/ana',
    TokenCode: '123456',
    SourceIdentity: 'ana',
    Policy: '{}',
    'Tags.member.1.Key': 'team',
    'Tags.member.1.Value': 'audit',
  })
  expect(sts.requests[0]?.headers['authorization']).toContain('/eu-central-1/sts/aws4_request')
})

test('sends nothing that is not configured', async () => {
  await using sts = await standInSts(grant())
  await assumeRole(keys, roleChain(accountB()).role, {}, { region: 'us-east-1', endpoint: sts.endpoint })
  expect(Object.keys(sts.requests[0]?.params ?? {}).sort()).toEqual([
    'Action',
    'DurationSeconds',
    'RoleArn',
    'RoleSessionName',
    'Version',
  ])
})

test('returns the session and its role', async () => {
  await using sts = await standInSts(() => ({ accessKeyId: 'ASIANEW', expiresAtMs: 1_900_000_000_000 }))
  const assumed = await assumeRole(
    keys,
    roleChain(accountB()).role,
    {},
    { region: 'us-east-1', endpoint: sts.endpoint },
  )
  expect(assumed).toEqual({
    accessKeyId: 'ASIANEW',
    secretAccessKey: 'secret-of-ASIANEW',
    sessionToken: 'token-of-ASIANEW',
    expiresAtMs: 1_900_000_000_000,
    assumedRoleArn: 'arn:aws:sts::111111111111:assumed-role/CloudTrailLogs-B/crosstrail-B',
    packedPolicySize: 12,
  })
})

test.each(['AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL'])('uses %s', async (name) => {
  await using sts = await standInSts(grant())
  vi.stubEnv(name, sts.endpoint)
  await assumeRole(keys, roleChain(accountB()).role, {}, { region: 'us-east-1' })
  expect(sts.requests).toHaveLength(1)
})

test.each([
  ['us-east-1', {}, 'sts.us-east-1.amazonaws.com'],
  ['cn-north-1', {}, 'sts.cn-north-1.amazonaws.com.cn'],
  ['us-gov-west-1', {}, 'sts.us-gov-west-1.amazonaws.com'],
  ['us-east-2', { useFipsEndpoint: true }, 'sts-fips.us-east-2.amazonaws.com'],
  ['eu-west-1', { useDualstackEndpoint: true }, 'sts.eu-west-1.api.aws'],
])('the regional endpoint of %s %o is %s', async (region, flags, host) => {
  const asked: string[] = []
  const requestHandler = {
    handle: (request: { hostname: string }) => {
      asked.push(request.hostname)
      return Promise.reject(new Error('no network here'))
    },
  }
  await caught(assumeRole(keys, roleChain(accountB()).role, {}, { region, ...flags, requestHandler }))
  expect(asked[0]).toBe(host)
})

test('an injected handler can still be used afterwards', async () => {
  let destroyed = false
  const requestHandler = { handle: () => Promise.reject(new Error('no')), destroy: () => (destroyed = true) }
  await caught(assumeRole(keys, roleChain(accountB()).role, {}, { region: 'us-east-1', requestHandler }))
  expect(destroyed).toBe(false)
})

test('a server error is retried', async () => {
  await using sts = await standInSts((request, index) =>
    index < 2 ? { code: 'InternalFailure', message: 'try again', status: 500 } : grant()(request, index),
  )
  await assumeRole(keys, roleChain(accountB()).role, {}, { region: 'us-east-1', endpoint: sts.endpoint })
  expect(sts.requests).toHaveLength(3)
})

test('a refusal is not retried', async () => {
  await using sts = await standInSts(() => ({ code: 'AccessDenied', message: 'no' }))
  await caught(assumeRole(keys, roleChain(accountB()).role, {}, { region: 'us-east-1', endpoint: sts.endpoint }))
  expect(sts.requests).toHaveLength(1)
})

test('reports a wrong clock instead of correcting it silently', async () => {
  await using sts = await standInSts(() => ({
    code: 'SignatureDoesNotMatch',
    message: 'Signature expired: x',
    dateMs: 1,
  }))
  await caught(assumeRole(keys, roleChain(accountB()).role, {}, { region: 'us-east-1', endpoint: sts.endpoint }))
  expect(sts.requests).toHaveLength(1)
})

test('reports an aborted call as an interruption', async () => {
  await using sts = await standInSts(grant())
  const options = { region: 'us-east-1', endpoint: sts.endpoint, signal: AbortSignal.abort() }
  expect((await caught(assumeRole(keys, roleChain(accountB()).role, {}, options))).code).toBe('interrupted')
})

test('rejects an answer without keys', async () => {
  const body =
    '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult></AssumeRoleResult></AssumeRoleResponse>'
  await using sts = await standInSts(() => ({ body, status: 200 }))
  const options = { region: 'us-east-1', endpoint: sts.endpoint }
  expect((await caught(assumeRole(keys, roleChain(accountB()).role, {}, options))).code).toBe('access.sts-failed')
})

test("returns the caller's identity", async () => {
  await using sts = await standInSts(grant())
  expect(await getCallerIdentity(keys, 'B', { region: 'us-east-1', endpoint: sts.endpoint })).toEqual({
    account: '222222222222',
    arn: 'arn:aws:iam::222222222222:user/ana',
    userId: 'AIDA1',
  })
})

test('rejects an endless answer with an error that names the account', async () => {
  await using sts = await endlessServer(() => 200)
  const http = createHttpClient({ env: {} })
  onTestFinished(() => http.close())
  const requestHandler = sdkHttpHandler(http, { limit: sessionAnswerLimit })
  const { role } = roleChain(accountB())
  const error = await caught(
    assumeRole(keys, role, {}, { region: 'us-east-1', endpoint: sts.endpoint, requestHandler }),
  )
  expect(error.code).toBe('network.answer-too-large')
  expect(error.message).toContain('is larger than 1024 KiB (AssumeRole for account B)')
  expect(error.hint).toContain('what runs at the endpoint')
  expect(sts.requests).toBe(5)
})
