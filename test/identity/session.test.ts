import { downloadRights } from '../../src/verbs/download/options.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { mfaAsker } from '../../src/identity/mfa.ts'
import { type SessionNote, type SessionOptions, openSession } from '../../src/identity/session.ts'
import { sessionPolicy } from '../../src/identity/session-policy.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { accountB } from './accounts.ts'
import { caught, everythingOf } from './caught.ts'
import { type StandInSts, grant, standInSts } from './stand-in-sts.ts'

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENV')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'very-secret-value')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const accountId = (text: string): AccountId => text as AccountId
const policy = sessionPolicy({
  ...downloadRights,
  trail: { bucket: 'logs', prefix: '' },
  logAccounts: [accountId('222222222222')],
  partition: 'aws',
})
const hop = { role: 'arn:aws:iam::222222222222:role/Hop' }
const mfa = 'arn:aws:iam::222222222222:mfa/ana'

function against(sts: StandInSts, changes: Partial<SessionOptions> = {}): SessionOptions {
  return { endpoint: sts.endpoint, policy, mfaPrompt: mfaAsker({}), ...changes }
}

const hourMs = 3_600_000

function callerOf(sts: StandInSts, index: number): string | undefined {
  return /Credential=(\w+)\//.exec(String(sts.requests[index]?.headers['authorization']))?.[1]
}

test('an open session holds keys and knows who it is', async () => {
  await using sts = await standInSts(grant())
  const session = await openSession(accountB(), against(sts))
  expect(session.assumedRoleArn).toBe('arn:aws:sts::111111111111:assumed-role/CloudTrailLogs-B/crosstrail-B')
  expect(await session.current()).toMatchObject({ accessKeyId: 'ASIAGRANTED1', sessionToken: 'token-of-ASIAGRANTED1' })
})

test('a hundred workers share one session', async () => {
  await using sts = await standInSts(grant())
  const session = await openSession(accountB(), against(sts))
  await Promise.all(Array.from({ length: 100 }, async () => session.current()))
  expect(sts.requests).toHaveLength(1)
})

test('a session is narrowed to the verb', async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB(), against(sts))
  expect(sts.requests[0]?.params['Policy']).toBe(policy.json)
})

test('each hop calls with the keys of the one before, and may only assume the next', async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB({ via: [hop], tags: { team: 'audit' } }), against(sts))
  expect([callerOf(sts, 0), callerOf(sts, 1)]).toEqual(['AKIAENV', 'ASIAGRANTED1'])
  expect(sts.requests.map(({ params }) => params['RoleArn'])).toEqual([hop.role, accountB().role])
  expect(JSON.parse(sts.requests[0]?.params['Policy'] ?? '')).toMatchObject({
    Statement: [{ Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: accountB().role }],
  })
  expect(sts.requests[1]?.params['Policy']).toBe(policy.json)
})

test('every hop may hand on the source identity that the first call sets', async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB({ via: [hop, { role: `${hop.role}2` }], sourceIdentity: 'ana' }), against(sts))
  expect(sts.requests.map(({ params }) => params['SourceIdentity'])).toEqual(['ana', undefined, undefined])
  for (const { params } of sts.requests.slice(0, 2)) expect(params['Policy']).toContain('sts:SetSourceIdentity')
})

test('a refresh that fails in the background is told once, as a warning', async () => {
  await using sts = await standInSts((request, index) =>
    index === 0 ? grant()(request, index) : { code: 'AccessDenied', message: 'no more' },
  )
  let nowMs = Date.now()
  const notes: SessionNote[] = []
  const onNote = (note: SessionNote) => notes.push(note)
  const session = await openSession(accountB(), against(sts, { now: () => nowMs, onNote }))
  nowMs += hourMs - 200_000
  await session.current()
  await expect.poll(() => notes).toHaveLength(1)
  nowMs += 31_000
  await session.current()
  await expect.poll(() => sts.requests).toHaveLength(3)
  expect(notes).toEqual([
    { level: 'warning', code: 'session-refresh-failed', message: expect.stringContaining('no more'), account: 'B' },
  ])
})

test('with session policies switched off, no call carries one', async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB({ via: [hop] }), against(sts, { policy: undefined }))
  expect(sts.requests.map(({ params }) => params['Policy'])).toEqual([undefined, undefined])
})

test('a policy that STS finds too large gives way to the coarser one, and that is told', async () => {
  await using sts = await standInSts((request, index) =>
    request.params['Policy'] === policy.json
      ? { code: 'PackedPolicyTooLarge', message: 'too large', status: 400 }
      : grant()(request, index),
  )
  const notes: SessionNote[] = []
  await openSession(accountB(), against(sts, { onNote: (note) => notes.push(note) }))
  expect(sts.requests.map(({ params }) => params['Policy'])).toEqual([policy.json, policy.coarser])
  expect(notes).toMatchObject([{ level: 'info', code: 'session-policy-coarser', account: 'B' }])
})

test('ahead of expiry the session is refreshed while the old keys go on', async () => {
  await using sts = await standInSts(grant())
  let nowMs = Date.now()
  const session = await openSession(accountB(), against(sts, { now: () => nowMs }))
  nowMs += hourMs - 200_000
  expect(await session.current()).toMatchObject({ accessKeyId: 'ASIAGRANTED1' })
  await expect.poll(() => session.current()).toMatchObject({ accessKeyId: 'ASIAGRANTED2' })
})

test('a refresh of the role does not assume its hop again while that one lasts', async () => {
  await using sts = await standInSts((request, index) => ({
    accessKeyId: `ASIA${index}`,
    expiresAtMs: Date.now() + (request.params['RoleArn'] === hop.role ? 12 * hourMs : hourMs),
  }))
  const session = await openSession(
    accountB({ via: [{ ...hop, durationSeconds: 43_200 }], mfa }),
    against(sts, { mfaPrompt: mfaAsker({ code: '123456' }) }),
  )
  await session.renew(await session.current())
  expect(sts.requests.map(({ params }) => params['RoleArn'])).toEqual([hop.role, accountB().role, accountB().role])
})

test('a hop that STS calls expired is assumed again, once', async () => {
  await using sts = await standInSts((request, index) =>
    index === 1 ? { code: 'ExpiredToken', message: 'expired' } : grant()(request, index),
  )
  await openSession(accountB({ via: [hop] }), against(sts))
  expect(sts.requests.map((_, index) => callerOf(sts, index))).toEqual([
    'AKIAENV',
    'ASIAGRANTED1',
    'AKIAENV',
    'ASIAGRANTED3',
  ])
})

test('keys of the source that stay expired are an error, not a loop', async () => {
  await using sts = await standInSts(() => ({ code: 'ExpiredToken', message: 'expired' }))
  expect((await caught(openSession(accountB(), against(sts)))).code).toBe('access.source-expired')
  expect(sts.requests).toHaveLength(1)
})

test('keys that AWS no longer knows are read again at their source, once', async () => {
  await using sts = await standInSts((request, index) =>
    index === 0 ? { code: 'InvalidClientTokenId', message: 'invalid' } : grant()(request, index),
  )
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAROTATED')
  const mfaPrompt = async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIANEXT')
    return '123456'
  }
  await openSession(accountB({ mfa }), against(sts, { mfaPrompt }))
  expect([callerOf(sts, 0), callerOf(sts, 1)]).toEqual(['AKIAROTATED', 'AKIANEXT'])
})

test('keys that AWS does not know and that stay the same are an error', async () => {
  await using sts = await standInSts(() => ({ code: 'InvalidClientTokenId', message: 'invalid' }))
  expect((await caught(openSession(accountB(), against(sts)))).code).toBe('access.invalid-key')
  expect(sts.requests).toHaveLength(1)
})

test("the account's command is handed to who asks for codes", async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB({ mfa, mfaProcess: 'echo 654321' }), against(sts))
  expect(sts.requests[0]?.params['TokenCode']).toBe('654321')
})

test('MFA goes with the first call, as serial and code', async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB({ via: [hop], mfa }), against(sts, { mfaPrompt: mfaAsker({ code: '123456' }) }))
  expect(sts.requests.map(({ params }) => [params['SerialNumber'], params['TokenCode']])).toEqual([
    [mfa, '123456'],
    [undefined, undefined],
  ])
})

test('MFA without a code or a terminal calls nobody', async () => {
  await using sts = await standInSts(grant())
  expect((await caught(openSession(accountB({ mfa }), against(sts)))).code).toBe('access.mfa-no-terminal')
  expect(sts.requests).toHaveLength(0)
})

test('a hundred calls that come together ask for one code', async () => {
  await using sts = await standInSts(grant())
  let asked = 0
  const mfaPrompt = mfaAsker({ prompt: async () => String(100_000 + asked++) })
  const session = await openSession(accountB({ mfa }), against(sts, { mfaPrompt }))
  const refused = await session.current()
  await Promise.all(Array.from({ length: 100 }, () => session.renew(refused)))
  expect(asked).toBe(2)
})

test('a chained role that asks for more than an hour calls nobody', async () => {
  await using sts = await standInSts(grant())
  const error = await caught(openSession(accountB({ via: [hop], durationSeconds: 7200 }), against(sts)))
  expect(error.code).toBe('access.duration-chained')
  expect(sts.requests).toHaveLength(0)
})

test('a session that ended before it began is a clock that is off', async () => {
  await using sts = await standInSts(() => ({ accessKeyId: 'ASIA', expiresAtMs: Date.now() - 1_000 }))
  expect((await caught(openSession(accountB(), against(sts)))).code).toBe('access.clock-skew')
})

test('no secret of the way in is in the error of the last role', async () => {
  const externalId = 'Unique_ID_Assigned_by_Z'
  await using sts = await standInSts((request, index) =>
    index === 0
      ? grant()(request, index)
      : { code: 'AccessDenied', message: `no: ${externalId} token-of-ASIAGRANTED1 secret-of-ASIAGRANTED1` },
  )
  const error = await caught(openSession(accountB({ via: [hop], externalId }), against(sts)))
  expect(error.code).toBe('access.external-id-refused')
  expect(everythingOf(error)).not.toMatch(/Unique_ID|token-of|secret-of|very-secret/)
})
