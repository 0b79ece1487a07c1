import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'

import { mfaAsker } from '../../src/identity/mfa.ts'
import { type SessionNote, type SessionOptions, openSession } from '../../src/identity/session.ts'
import { sessionPolicy } from '../../src/identity/session-policy.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { downloadRights } from '../../src/verbs/download/options.ts'
import { verifyRights } from '../../src/verbs/verify/options.ts'
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

test('an open session has keys and the ARN of its role', async () => {
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

test('narrows a session to the verb', async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB(), against(sts))
  expect(sts.requests[0]?.params['Policy']).toBe(policy.json)
})

test('each hop calls with the keys of the previous one and may only assume the next', async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB({ via: [hop], tags: { team: 'audit' } }), against(sts))
  expect([callerOf(sts, 0), callerOf(sts, 1)]).toEqual(['AKIAENV', 'ASIAGRANTED1'])
  expect(sts.requests.map(({ params }) => params['RoleArn'])).toEqual([hop.role, accountB().role])
  expect(JSON.parse(sts.requests[0]?.params['Policy'] ?? '')).toMatchObject({
    Statement: [{ Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: accountB().role }],
  })
  expect(sts.requests[1]?.params['Policy']).toBe(policy.json)
})

test('every hop may pass on the source identity that the first call sets', async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB({ via: [hop, { role: `${hop.role}2` }], sourceIdentity: 'ana' }), against(sts))
  expect(sts.requests.map(({ params }) => params['SourceIdentity'])).toEqual(['ana', undefined, undefined])
  for (const { params } of sts.requests.slice(0, 2)) expect(params['Policy']).toContain('sts:SetSourceIdentity')
})

test('warns once of refreshes that fail in the background', async () => {
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

test('sends no session policy if policies are disabled', async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB({ via: [hop] }), against(sts, { policy: undefined }))
  expect(sts.requests.map(({ params }) => params['Policy'])).toEqual([undefined, undefined])
})

test('uses the coarser policy if STS finds the first one too large, and reports it', async () => {
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

test('refreshes the session before expiry while callers use the old keys', async () => {
  await using sts = await standInSts(grant())
  let nowMs = Date.now()
  const session = await openSession(accountB(), against(sts, { now: () => nowMs }))
  nowMs += hourMs - 200_000
  expect(await session.current()).toMatchObject({ accessKeyId: 'ASIAGRANTED1' })
  await expect.poll(() => session.current()).toMatchObject({ accessKeyId: 'ASIAGRANTED2' })
})

test('a refresh of the role does not assume its hop again while the hop lasts', async () => {
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

test('assumes a hop again once if STS calls it expired', async () => {
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

test("fails without a loop if the source's keys stay expired", async () => {
  await using sts = await standInSts(() => ({ code: 'ExpiredToken', message: 'expired' }))
  expect((await caught(openSession(accountB(), against(sts)))).code).toBe('access.source-expired')
  expect(sts.requests).toHaveLength(1)
})

test('reads the source again once if AWS no longer knows its keys', async () => {
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

test('fails if AWS does not know the keys and the source has no others', async () => {
  await using sts = await standInSts(() => ({ code: 'InvalidClientTokenId', message: 'invalid' }))
  expect((await caught(openSession(accountB(), against(sts)))).code).toBe('access.invalid-key')
  expect(sts.requests).toHaveLength(1)
})

test("passes the account's command to the MFA asker", async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB({ mfa, mfaProcess: 'echo 654321' }), against(sts))
  expect(sts.requests[0]?.params['TokenCode']).toBe('654321')
})

test('sends the MFA serial and code with the first call', async () => {
  await using sts = await standInSts(grant())
  await openSession(accountB({ via: [hop], mfa }), against(sts, { mfaPrompt: mfaAsker({ code: '123456' }) }))
  expect(sts.requests.map(({ params }) => [params['SerialNumber'], params['TokenCode']])).toEqual([
    [mfa, '123456'],
    [undefined, undefined],
  ])
})

test('makes no call if MFA is needed and there is neither a code nor a terminal', async () => {
  await using sts = await standInSts(grant())
  expect((await caught(openSession(accountB({ mfa }), against(sts)))).code).toBe('access.mfa-no-terminal')
  expect(sts.requests).toHaveLength(0)
})

test('a hundred concurrent calls ask for one code', async () => {
  await using sts = await standInSts(grant())
  let asked = 0
  const mfaPrompt = mfaAsker({ prompt: async () => String(100_000 + asked++) })
  const session = await openSession(accountB({ mfa }), against(sts, { mfaPrompt }))
  const refused = await session.current()
  await Promise.all(Array.from({ length: 100 }, () => session.renew(refused)))
  expect(asked).toBe(2)
})

test('makes no call if a chained role asks for more than an hour', async () => {
  await using sts = await standInSts(grant())
  const error = await caught(openSession(accountB({ via: [hop], durationSeconds: 7200 }), against(sts)))
  expect(error.code).toBe('access.duration-chained')
  expect(sts.requests).toHaveLength(0)
})

test('reports a wrong clock if a session had expired when it was issued', async () => {
  await using sts = await standInSts(() => ({ accessKeyId: 'ASIA', expiresAtMs: Date.now() - 1_000 }))
  expect((await caught(openSession(accountB(), against(sts)))).code).toBe('access.clock-skew')
})

test('the error of the last role contains no secret of the earlier steps', async () => {
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

test('the session of a web identity token may list public keys if the policy says so, and otherwise only assume the role', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-token-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const tokenFile = join(folder, 'token')
  writeFileSync(tokenFile, 'a-web-identity-token')
  const role = 'arn:aws:iam::222222222222:role/Web'
  const account = accountB({ credentials: { type: 'webIdentity', tokenFile, role } })
  const listing = { Effect: 'Allow', Action: 'cloudtrail:ListPublicKeys', Resource: '*' }
  const assuming = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: account.role }
  for (const rights of [verifyRights({ keysFile: undefined }), verifyRights({ keysFile: 'keys.json' })]) {
    await using sts = await standInSts(grant())
    const trail = { bucket: 'logs', prefix: '' }
    const narrow = sessionPolicy({ ...rights, trail, logAccounts: 'all', partition: 'aws' })
    const session = await openSession(account, against(sts, { policy: narrow }))
    const [token] = sts.requests
    expect(token?.params['Action']).toBe('AssumeRoleWithWebIdentity')
    const { Statement } = JSON.parse(token?.params['Policy'] ?? '{}') as { Statement?: unknown }
    expect(Statement).toEqual(rights.needs.includes('listPublicKeys') ? [assuming, listing] : [assuming])
    expect(await session.starting()).toMatchObject({ accessKeyId: 'ASIAGRANTED1' })
    expect(await session.current()).toMatchObject({ accessKeyId: 'ASIAGRANTED2' })
  }
})
