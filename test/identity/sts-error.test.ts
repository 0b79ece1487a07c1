import { expect, test } from 'vitest'

import { CrosstrailError } from '../../src/error.ts'
import { roleChain } from '../../src/identity/role-chain.ts'
import type { SessionAccount } from '../../src/identity/session-account.ts'
import { explainStsError } from '../../src/identity/sts-error.ts'
import { assumeRole } from '../../src/identity/sts.ts'
import { accountB } from './accounts.ts'
import { caught, everythingOf } from './caught.ts'
import { type StsAnswer, standInSts } from './stand-in-sts.ts'

const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'the-secret-access-key', sessionToken: 'the-session-token' }
const externalId = 'Unique_ID_Assigned_by_Z'
const mfa = 'arn:aws:iam::222222222222:mfa/ana'
const notAuthorized =
  'User: arn:aws:iam::222222222222:user/ana is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111111111111:role/CloudTrailLogs-B'

async function refusedWith(answer: StsAnswer, changes: Partial<SessionAccount> = {}): Promise<CrosstrailError> {
  await using sts = await standInSts(() => answer)
  const { role } = roleChain(accountB(changes))
  const mfaCode = changes.mfa === undefined ? undefined : '123456'
  return await caught(assumeRole(keys, role, { mfaCode }, { region: 'us-east-1', endpoint: sts.endpoint }))
}

interface Case {
  readonly when: string
  readonly answer: StsAnswer
  readonly changes?: Partial<SessionAccount>
  readonly code: string
}

const denied = { code: 'AccessDenied', message: notAuthorized }
const cases: readonly Case[] = [
  { when: 'access is denied and no external ID was sent', answer: denied, code: 'access.assume-role-denied' },
  {
    when: 'access is denied with an external ID',
    answer: denied,
    changes: { externalId },
    code: 'access.external-id-refused',
  },
  {
    when: 'access is denied, and the names of user and role contain MFA and root',
    answer: {
      code: 'AccessDenied',
      message:
        'User: arn:aws:iam::222222222222:user/root-account-MFA is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111111111111:role/logs-mfa',
    },
    code: 'access.assume-role-denied',
  },
  {
    when: 'no policy of the caller allows it',
    answer: {
      ...denied,
      message: `${notAuthorized} because no identity-based policy allows the sts:AssumeRole action`,
    },
    changes: { externalId },
    code: 'access.caller-not-allowed',
  },
  {
    when: 'a right other than AssumeRole is denied, whatever external ID was sent',
    answer: { ...denied, message: notAuthorized.replace('sts:AssumeRole', 'sts:TagSession') },
    changes: { externalId },
    code: 'access.assume-role-denied',
  },
  {
    when: 'AWS refuses an account as a whole',
    answer: { code: 'OptInRequired', message: 'The AWS Access Key Id needs a subscription for the service' },
    code: 'access.account-problem',
  },
  {
    when: 'root calls',
    answer: { code: 'AccessDenied', message: 'Roles may not be assumed by root accounts.' },
    code: 'access.root-credentials',
  },
  {
    when: 'the MFA code is wrong',
    answer: { code: 'AccessDenied', message: 'MultiFactorAuthentication failed with invalid MFA one time pass code.' },
    changes: { mfa },
    code: 'access.mfa-refused',
  },
  {
    when: 'MFA is required but none was sent',
    answer: {
      code: 'AccessDenied',
      message: 'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
    },
    code: 'access.mfa-required',
  },
  {
    when: "the duration is above the role's maximum",
    answer: {
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    },
    changes: { durationSeconds: 43_200 },
    code: 'access.duration-too-long',
  },
  {
    when: 'the keys turn out to be those of a role',
    answer: {
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    },
    changes: { durationSeconds: 7_200 },
    code: 'access.duration-chained',
  },
  {
    when: 'another value is invalid',
    answer: {
      code: 'ValidationError',
      message: "1 validation error detected: Value 'x' at 'roleSessionName' failed to satisfy constraint",
    },
    code: 'access.request-invalid',
  },
  {
    when: 'the clock is behind',
    answer: {
      code: 'SignatureDoesNotMatch',
      message: 'Signature expired: 20261101T000000Z is now earlier than 20261101T001000Z (20261101T001500Z - 5 min.)',
    },
    code: 'access.clock-skew',
  },
  {
    when: 'the clock is ahead',
    answer: {
      code: 'SignatureDoesNotMatch',
      message: 'Signature not yet current: 20261101T003000Z is still later than 20261101T002000Z',
    },
    code: 'access.clock-skew',
  },
  {
    when: 'the request has expired',
    answer: { code: 'RequestExpired', message: 'Request has expired.', status: 400 },
    code: 'access.clock-skew',
  },
  {
    when: 'the secret is wrong',
    answer: {
      code: 'SignatureDoesNotMatch',
      message: 'The request signature we calculated does not match the signature you provided.',
    },
    code: 'access.wrong-secret',
  },
  {
    when: 'the key is unknown',
    answer: { code: 'InvalidClientTokenId', message: 'The security token included in the request is invalid.' },
    code: 'access.invalid-key',
  },
  {
    when: 'the calling session has expired',
    answer: { code: 'ExpiredToken', message: 'The security token included in the request is expired' },
    code: 'access.source-expired',
  },
  {
    when: 'STS is disabled in the region',
    answer: {
      code: 'RegionDisabledException',
      message: 'STS is not activated in this region for account:111111111111.',
    },
    code: 'access.region-disabled',
  },
  {
    when: 'policy and tags are too large',
    answer: { code: 'PackedPolicyTooLarge', message: 'Serialized token too large for session', status: 400 },
    code: 'access.policy-too-large',
  },
  {
    when: 'the policy is malformed',
    answer: { code: 'MalformedPolicyDocument', message: 'Syntax errors in policy.', status: 400 },
    code: 'access.policy-malformed',
  },
  {
    when: 'a store that imitates STS refuses with a document of another form',
    answer: { body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', status: 403 },
    code: 'access.assume-role-denied',
  },
  {
    when: 'the error code is unknown',
    answer: { code: 'Teapot', message: 'short and stout', status: 418 },
    code: 'access.sts-failed',
  },
  {
    when: 'a proxy sends a page',
    answer: { body: '<html><body>the-session-token', status: 407 },
    code: 'access.sts-failed',
  },
]

test.each(cases)('$code when $when', async ({ answer, changes, code }) => {
  const error = await refusedWith(answer, changes)
  expect(error.code).toBe(code)
  expect(error.hint).toMatch(/.{20}[^.]$/)
  expect(error.message).toMatch(/[^.]$/)
  expect(error.facts['account']).toBe('B')
})

test.each(cases)('the error contains no secret when $when', async ({ answer, changes }) => {
  const secrets = [externalId, '123456', keys.secretAccessKey, keys.sessionToken]
  const leaky = 'message' in answer ? { ...answer, message: `${answer.message} ${secrets.join(' ')}` } : answer
  const shown = everythingOf(await refusedWith(leaky, { externalId, mfa, ...changes }))
  expect(secrets.filter((secret) => shown.includes(secret))).toEqual([])
})

test('a denial without an external ID names the missing one and MFA in its hint', async () => {
  const { hint, facts } = await refusedWith(denied)
  expect(hint).toMatch(/externalId \(none was sent\); if it requires MFA, set mfa/)
  expect(facts).toMatchObject({
    externalIdSent: false,
    mfaSent: false,
    role: 'arn:aws:iam::111111111111:role/CloudTrailLogs-B',
  })
})

test('shows only the last four characters of a refused external ID', async () => {
  expect((await refusedWith(denied, { externalId })).message).toContain('external ID ****by_Z')
})

test('says by how much the clock is wrong', async () => {
  const error = await refusedWith({
    code: 'SignatureDoesNotMatch',
    message: 'Signature expired: too early',
    dateMs: Date.now() + 1_200_000,
  })
  expect(Math.abs(Number(error.facts['skewSeconds']) + 1200)).toBeLessThanOrEqual(5)
  expect(error.message).toMatch(/by 1(19\d|20\d) seconds \(it is behind\)/)
})

test('removes control characters of an answer from the message', async () => {
  const { message } = await refusedWith({ code: 'AccessDenied', message: 'red&#27;[31m alert&#x202e;' })
  expect(message).not.toMatch(/[\u0000-\u001f\u202e]/)
})

test("names an endpoint that does not answer, with the system's error", async () => {
  const sts = await standInSts(() => denied)
  await sts[Symbol.asyncDispose]()
  const { role } = roleChain(accountB())
  const error = await caught(assumeRole(keys, role, {}, { region: 'us-east-1', endpoint: sts.endpoint }))
  expect(error).toMatchObject({ code: 'network.unreachable', facts: { host: new URL(sts.endpoint).host } })
  expect(error.message).toContain('ECONNREFUSED')
})

test.each([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_HAS_EXPIRED',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])('reports %s as an untrusted certificate', (code) => {
  const error = explainStsError(Object.assign(new Error('tls'), { code }), {
    action: 'AssumeRole',
    account: 'B',
  })
  expect(error).toMatchObject({ code: 'network.certificate', hint: expect.stringContaining('AWS_CA_BUNDLE') })
})

test('throttling that continues after the retries has its own code', () => {
  const error = Object.assign(new Error('Rate exceeded'), {
    name: 'Throttling',
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  })
  expect(explainStsError(error, { action: 'AssumeRole', account: 'B' }).code).toBe('network.throttled')
})

test('a network error says whose call it was and what to check', () => {
  const broken = new CrosstrailError('network.connect-timeout', 'https://sts.example could not be reached in time', {
    facts: { origin: 'https://sts.example' },
  })
  const told = explainStsError(broken, { action: 'AssumeRole', account: 'B', role: 'r' })
  expect(told).toMatchObject({
    code: 'network.connect-timeout',
    message: 'https://sts.example could not be reached in time (AssumeRole for account B)',
    hint: expect.stringContaining('AWS_ENDPOINT_URL_STS'),
    facts: { origin: 'https://sts.example', account: 'B', action: 'AssumeRole', role: 'r' },
  })
})

test('reports FIPS with a custom endpoint as a wrong setting', async () => {
  const { role } = roleChain(accountB())
  const options = { region: 'us-east-1', endpoint: 'http://127.0.0.1:1', useFipsEndpoint: true }
  const error = await caught(assumeRole(keys, role, {}, options))
  expect(error).toMatchObject({ code: 'config.endpoint', hint: expect.stringContaining('AWS_USE_FIPS_ENDPOINT') })
})

test('the hint names the right that STS names', async () => {
  const message = notAuthorized.replace('sts:AssumeRole', 'sts:TagSession')
  const both = await refusedWith({ code: 'AccessDenied', message })
  expect(both.hint).toContain("the role's trust policy must allow sts:TagSession to the caller")
  expect(both.hint).toContain('EKS pod')
  const caller = `${message} because no identity-based policy allows the sts:TagSession action`
  const one = await refusedWith({ code: 'AccessDenied', message: caller })
  expect(one.hint).toContain('give the caller a policy that allows sts:TagSession on')
})
