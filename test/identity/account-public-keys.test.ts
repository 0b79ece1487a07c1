import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { type PublicKeysOptions, publicKeysFor } from '../../src/identity/account-public-keys.ts'
import { mfaAsker } from '../../src/identity/mfa.ts'
import { sessionPolicy } from '../../src/identity/session-policy.ts'
import { openSession } from '../../src/identity/session.ts'
import { rotatedKeys } from '../../src/lab/digest-keys.ts'
import { labAccounts, labBucket, labRoles } from '../../src/lab/fixture.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { sessionAnswerLimit } from '../../src/s3/bounded-body.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { sdkHttpHandler } from '../../src/s3/sdk-http-handler.ts'
import { dayMs, hourMs } from '../../src/trail/calendar.ts'
import { verifyRights } from '../../src/verbs/verify/options.ts'
import { accountB } from './accounts.ts'
import { caught, everythingOf } from './caught.ts'

let lab: Lab
const fromMs = Date.UTC(2026, 10, 1)
const window = { fromMs, toMs: fromMs + 45 * dayMs }
const { published } = await rotatedKeys(['us-east-1', 'eu-west-1'], window, { perRegion: true })
const http = createHttpClient({ env: {} })

beforeAll(async () => {
  lab = await startLab()
  lab.publicKeys.add(...published)
  lab.publicKeys.closeRegion('ap-east-1')
})
afterAll(async () => {
  await lab.stop()
  await http.close()
})
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', lab.principals.bAudit.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', lab.principals.bAudit.secretAccessKey)
  vi.stubEnv('AWS_ENDPOINT_URL', lab.endpoint)
})
afterEach(() => {
  vi.unstubAllEnvs()
  lab.setFaults({})
  lab.publicKeys.pageSize = 50
  granted.splice(0).forEach((take) => take())
  lab.requests.clear()
})

const granted: (() => void)[] = []
const listing = { Effect: 'Allow', Action: 'cloudtrail:ListPublicKeys', Resource: '*' } as const

function grant(to: 'role' | 'caller'): void {
  const holder = to === 'role' ? lab.iam.role(labRoles.B) : lab.principals.bAudit.user
  const before = holder?.policies ?? []
  if (holder !== undefined) holder.policies = [...before, { Version: '2012-10-17', Statement: listing }]
  granted.push(() => {
    if (holder !== undefined) holder.policies = [...before]
  })
}

async function ask(region = 'us-east-1', options: Partial<PublicKeysOptions> = {}, span = window) {
  const trail = { bucket: labBucket, prefix: '' }
  const policy = sessionPolicy({
    ...verifyRights({ keysFile: undefined }),
    trail,
    logAccounts: [labAccounts.B],
    partition: 'aws',
  })
  const session = await openSession(accountB(), { policy, mfaPrompt: mfaAsker({}) })
  return publicKeysFor(session, { region, ...span }, { stsRegion: 'us-east-1', ...options })
}

test('lists the keys with the session if its role may, and says so', async () => {
  grant('role')
  const { keys, askedBy } = await ask()
  expect(askedBy).toBe('arn:aws:sts::111111111111:assumed-role/CloudTrailLogs-B/crosstrail-B')
  const own = published.filter(({ region }) => region === 'us-east-1')
  expect(keys).toEqual(own.map(({ publicKeyDer, ...rest }) => ({ ...rest, der: publicKeyDer })))
  expect(lab.requests.count('ListPublicKeys')).toBe(1)
})

test('lists them with the starting credentials if the role may not, and says so', async () => {
  grant('caller')
  const { keys, askedBy } = await ask('eu-west-1')
  expect([keys.length, askedBy]).toEqual([2, 'arn:aws:iam::222222222222:user/b-audit'])
  expect(lab.requests.recent('ListPublicKeys').map(({ principal }) => principal)).toEqual([
    'arn:aws:sts::111111111111:assumed-role/CloudTrailLogs-B/crosstrail-B',
    'arn:aws:iam::222222222222:user/b-audit',
  ])
})

test('if neither may, names the right and both sides', async () => {
  const error = await caught(ask())
  expect(error.code).toBe('access.list-public-keys-denied')
  expect(error.message).toContain('assumed-role/CloudTrailLogs-B/crosstrail-B may not list')
  expect(error.message).toContain('the starting credentials of account B may not list')
  expect(error.hint).toMatch(/^allow cloudtrail:ListPublicKeys on \* to the role of .*--keys$/)
  expect(error.facts).toMatchObject({ account: 'B', region: 'us-east-1', action: 'ListPublicKeys' })
})

test('a region that is not enabled has its own code', async () => {
  grant('role')
  const error = await caught(ask('ap-east-1'))
  expect(error.code).toBe('access.region-not-enabled')
  expect(error.message).toContain('the region ap-east-1 does not know arn:aws:sts::111111111111:assumed-role')
  expect(error.hint).toContain('enable ap-east-1 in that account')
})

test('asks for two hours before and after the window, and for all pages', async () => {
  grant('role')
  lab.publicKeys.pageSize = 1
  const { keys } = await ask()
  expect(keys).toHaveLength(2)
  const [first] = lab.requests.recent('ListPublicKeys')
  expect([first?.query.get('StartTime'), first?.query.get('EndTime')].map(Number)).toEqual([
    (window.fromMs - 2 * hourMs) / 1_000,
    (window.toMs + 2 * hourMs) / 1_000,
  ])
})

test('repeats a call that is throttled, and gives up after five', async () => {
  grant('role')
  const fault = { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' }
  lab.setFaults({ rules: [{ fault, probability: 1, times: 1, operations: ['ListPublicKeys'] }] })
  expect((await ask()).keys).toHaveLength(2)
  expect(lab.requests.count('ListPublicKeys')).toBe(2)
  lab.setFaults({ rules: [{ fault, probability: 1, operations: ['ListPublicKeys'] }] })
  expect((await caught(ask('us-east-1', { maxAttempts: 2 }))).code).toBe('network.throttled')
  expect(lab.requests.count('ListPublicKeys')).toBe(4)
})

test.each([
  [{ NextToken: Buffer.from('after 50').toString('base64'), PublicKeyList: [] }, 'it repeats the token of its page'],
  [{ PublicKeyList: [{ Fingerprint: 'ab' }] }, 'a key lacks its value'],
])('refuses the answer %j', async (answer, why) => {
  grant('role')
  const rewrite = (reply: object) => ({ ...reply, body: Buffer.from(JSON.stringify(answer)) }) as never
  lab.setFaults({ rules: [{ fault: { rewrite }, probability: 1, operations: ['ListPublicKeys'] }] })
  const error = await caught(ask())
  expect(error.code).toBe('access.list-public-keys-failed')
  expect(error.message).toContain(why)
})

test.each([
  ['OptInRequired', 'You are not subscribed to this service', 'access.region-not-enabled'],
  ['ExpiredTokenException', 'The security token included in the request is expired', 'access.session-expired'],
  ['InvalidSignatureException', 'Signature expired: 20261101T000000Z is now earlier than', 'access.clock-skew'],
  ['InvalidSignatureException', 'The request signature we calculated does not match', 'access.wrong-secret'],
  ['InvalidTimeRangeException', 'The time range is not valid', 'access.list-public-keys-failed'],
])('%s (%s) is %s', async (code, message, expected) => {
  grant('role')
  const fault = { status: 400, code, message }
  lab.setFaults({ rules: [{ fault, probability: 1, operations: ['ListPublicKeys'] }] })
  const error = await caught(ask('us-east-1', { maxAttempts: 1 }))
  expect(error.code).toBe(expected)
  expect(error.hint).not.toBe('')
  expect(`${error.message} ${error.hint}`).not.toContain('STS')
})

test('renews a session that has expired', async () => {
  grant('role')
  const trail = { bucket: labBucket, prefix: '' }
  const policy = sessionPolicy({
    ...verifyRights({ keysFile: undefined }),
    trail,
    logAccounts: [labAccounts.B],
    partition: 'aws',
  })
  const session = await openSession(accountB(), { policy, mfaPrompt: mfaAsker({}) })
  lab.revokeSessions()
  const { keys } = await publicKeysFor(session, { region: 'us-east-1', ...window }, { stsRegion: 'us-east-1' })
  expect(keys).toHaveLength(2)
})

test('goes through the pooled client, whose errors name the call', async () => {
  grant('role')
  const requestHandler = sdkHttpHandler(http, { limit: sessionAnswerLimit })
  expect((await ask('us-east-1', { requestHandler })).keys).toHaveLength(2)
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', 'http://127.0.0.1:1')
  const error = await caught(ask('us-east-1', { requestHandler, maxAttempts: 1 }))
  expect(error.code).toMatch(/^network\./)
  expect(error.message).toContain('(ListPublicKeys for account B)')
  expect(error.hint).toContain('AWS_ENDPOINT_URL_CLOUDTRAIL')
})

test('no error shows a secret', async () => {
  const error = await caught(ask())
  for (const secret of [lab.principals.bAudit.secretAccessKey, ...lab.issuedSecrets()]) {
    expect(everythingOf(error)).not.toContain(secret)
  }
})

test('stops when the run is stopped', async () => {
  grant('role')
  const error = await caught(ask('us-east-1', { signal: AbortSignal.abort() }))
  expect(error.code).toBe('interrupted')
  expect(error.message).toContain('waiting for CloudTrail')
})
