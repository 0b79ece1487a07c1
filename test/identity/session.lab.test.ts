import { downloadRights } from '../../src/verbs/download/options.ts'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

import { mfaAsker } from '../../src/identity/mfa.ts'
import type { SessionAccount } from '../../src/identity/session-account.ts'
import { sessionPolicy } from '../../src/identity/session-policy.ts'
import { type Session, openSession } from '../../src/identity/session.ts'
import type { SigningKeys } from '../../src/identity/signing-keys.ts'
import { labAccounts, labBucket, labExternalId, labMfaCode, labMfaSerial, labRoles } from '../../src/lab/fixture.ts'
import type { LabKeys } from '../../src/lab/iam.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { accountB } from './accounts.ts'
import { caught, everythingOf } from './caught.ts'

let lab: Lab

beforeAll(async () => {
  lab = await startLab({ minSessionSeconds: 1 })
})
afterAll(() => lab.stop())
afterEach(() => {
  vi.unstubAllEnvs()
})

const hop = { role: labRoles.assumeRoleInA }
const accountC = (changes: Partial<SessionAccount> = {}) =>
  accountB({ label: 'C', credentials: { type: 'ec2' }, via: [hop], role: labRoles.C, ...changes })
const accountZ = (changes: Partial<SessionAccount> = {}) =>
  accountB({ label: 'Z', role: labRoles.Z, externalId: labExternalId, ...changes })

function exportKeys(keys: LabKeys): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', keys.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', keys.secretAccessKey)
}

function open(
  account: SessionAccount,
  logAccounts: Parameters<typeof sessionPolicy>[0]['logAccounts'],
  mfaCode?: string,
) {
  const trail = { bucket: labBucket, prefix: '' }
  return openSession(account, {
    endpoint: lab.endpoint,
    policy: sessionPolicy({ ...downloadRights, trail, logAccounts, partition: 'aws' }),
    mfaPrompt: mfaAsker({ code: mfaCode }),
  })
}

async function s3Of(session: Session): Promise<S3Client> {
  return s3With(await session.current())
}

function s3With({ accessKeyId, secretAccessKey, sessionToken }: SigningKeys): S3Client {
  return new S3Client({
    endpoint: lab.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  })
}

async function listing(session: Session, Prefix: string): Promise<string> {
  const s3 = await s3Of(session)
  return s3.send(new ListObjectsV2Command({ Bucket: labBucket, Prefix, Delimiter: '/' })).then(
    () => 'listed',
    (error: Error) => error.name,
  )
}

test("B reads its own logs, but not C's", async () => {
  exportKeys(lab.principals.bAudit)
  const session = await open(accountB(), [labAccounts.B])
  expect(await listing(session, `AWSLogs/${labAccounts.B}/CloudTrail/`)).toBe('listed')
  expect(await listing(session, `AWSLogs/${labAccounts.C}/CloudTrail/`)).toBe('AccessDenied')
})

test('C assumes its role from an instance profile through a hop, each narrowed to the next', async () => {
  vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', lab.imdsEndpoint)
  const session = await open(accountC(), [labAccounts.C])
  expect(session.assumedRoleArn).toBe('arn:aws:sts::111111111111:assumed-role/CloudTrailLogs-C/crosstrail-B')
  expect(await listing(session, `AWSLogs/${labAccounts.C}/CloudTrail/`)).toBe('listed')
})

test('Z assumes its role with its external ID and reads every account', async () => {
  exportKeys(lab.principals.zAudit)
  const session = await open(accountZ(), 'all')
  expect(await listing(session, 'AWSLogs/')).toBe('listed')
})

test('a download session of Z cannot delete although its role may', async () => {
  exportKeys(lab.principals.zAudit)
  const Key = `AWSLogs/${labAccounts.B}/CloudTrail/x`
  await s3With(lab.principals.admin).send(new PutObjectCommand({ Bucket: labBucket, Key, Body: 'log' }))
  const s3 = await s3Of(await open(accountZ(), 'all'))
  await expect(s3.send(new DeleteObjectCommand({ Bucket: labBucket, Key }))).rejects.toThrow(/not authorized|denied/i)
  const { ContentLength } = await s3.send(new GetObjectCommand({ Bucket: labBucket, Key }))
  expect(ContentLength).toBe(3)
})

test.each([
  ['a wrong external ID', 'wrong-external-id', 'access.external-id-refused'],
  ['no external ID', undefined, 'access.assume-role-denied'],
])('refuses Z with %s', async (_, externalId, code) => {
  exportKeys(lab.principals.zAudit)
  const error = await caught(open(accountZ({ externalId }), 'all'))
  expect(error.code).toBe(code)
  expect(everythingOf(error)).not.toContain('wrong-external-id')
})

test('opens the session of Z only with the right MFA code', async () => {
  exportKeys(lab.principals.zAudit)
  await open(accountZ({ mfa: labMfaSerial }), 'all', labMfaCode)
  expect((await caught(open(accountZ({ mfa: labMfaSerial }), 'all', '000000'))).code).toBe('access.mfa-refused')
})

test('refuses the root user', async () => {
  exportKeys(lab.principals.root)
  expect((await caught(open(accountB(), 'all'))).code).toBe('access.root-credentials')
})

test("the error names a duration above the role's maximum", async () => {
  exportKeys(lab.principals.zAudit)
  expect((await caught(open(accountZ({ durationSeconds: 43_200 }), 'all'))).code).toBe('access.duration-too-long')
})

test('distinguishes a wrong secret from an unknown key', async () => {
  exportKeys({ ...lab.principals.bAudit, secretAccessKey: 'not-the-secret' })
  expect((await caught(open(accountB(), 'all'))).code).toBe('access.wrong-secret')
  exportKeys({ ...lab.principals.bAudit, accessKeyId: 'AKIAUNKNOWNUNKNOWN00' })
  expect((await caught(open(accountB(), 'all'))).code).toBe('access.invalid-key')
})

test('a session of two seconds lasts as long as the run', async () => {
  exportKeys(lab.principals.bAudit)
  const session = await open(accountB({ durationSeconds: 2 }), [labAccounts.B])
  const seen = new Set<string>()
  const endMs = Date.now() + 4_500
  while (Date.now() < endMs) {
    const keys = await session.current()
    expect(keys.expiresAtMs).toBeGreaterThan(Date.now() - 50)
    seen.add(keys.accessKeyId)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(seen.size).toBeGreaterThanOrEqual(3)
})

test('renews a revoked session once for all its workers', async () => {
  exportKeys(lab.principals.bAudit)
  const session = await open(accountB(), [labAccounts.B])
  const refused = await session.current()
  lab.revokeSessions(labRoles.B)
  expect(await listing(session, `AWSLogs/${labAccounts.B}/`)).toBe('ExpiredToken')
  const renewed = await Promise.all(Array.from({ length: 100 }, () => session.renew(refused)))
  expect(new Set(renewed.map((keys) => keys.accessKeyId)).size).toBe(1)
  expect(await listing(session, `AWSLogs/${labAccounts.B}/`)).toBe('listed')
})

test('assumes a revoked hop again to get new keys', async () => {
  vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', lab.imdsEndpoint)
  const session = await open(accountC(), [labAccounts.C])
  const refused = await session.current()
  lab.revokeSessions(labRoles.assumeRoleInA)
  lab.revokeSessions(labRoles.C)
  await session.renew(refused)
  expect(await listing(session, `AWSLogs/${labAccounts.C}/`)).toBe('listed')
})
