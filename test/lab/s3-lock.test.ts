import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labAccounts, labBucket } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { refusal, s3As } from './lab-clients.ts'

let nowMs = Date.now()
const lab = await startLab({ now: () => nowMs })
afterAll(() => lab.stop())
const s3 = s3As(lab, lab.principals.admin)
const Bucket = 'locked'
const region = 'us-east-1'
const store = lab.addBucket({ name: Bucket, owner: labAccounts.A, region, objectLock: true })
const inAMinute = () => nowMs + 60_000
const protectedByLock = { code: 'AccessDenied', message: 'Access Denied because object protected by object lock.' }

function erase(Key: string, more: { BypassGovernanceRetention?: boolean } = {}): Promise<unknown> {
  return s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: store.versions(Key).at(-1)?.versionId, ...more }))
}

test('a bucket reports its Object Lock and its retention', async () => {
  const configuration = (name: string) => s3.send(new GetObjectLockConfigurationCommand({ Bucket: name }))
  expect((await configuration(Bucket)).ObjectLockConfiguration).toEqual({ ObjectLockEnabled: 'Enabled' })
  const objectLock = { mode: 'COMPLIANCE', days: 2 } as const
  const byDefault = lab.addBucket({ name: 'by-default', owner: labAccounts.A, region, objectLock })
  expect((await configuration('by-default')).ObjectLockConfiguration?.Rule).toEqual({
    DefaultRetention: { Mode: 'COMPLIANCE', Days: 2 },
  })
  expect(byDefault.put('k', 'x').retention).toEqual({ mode: 'COMPLIANCE', untilMs: nowMs + 2 * 86_400_000 })
  expect(await refusal(configuration(labBucket))).toMatchObject({
    status: 404,
    code: 'ObjectLockConfigurationNotFoundError',
  })
})

test.each(['GOVERNANCE', 'COMPLIANCE'] as const)('keeps a version under %s until its retention ends', async (mode) => {
  store.put(mode, 'x', { retention: { mode, untilMs: inAMinute() } })
  expect(await refusal(erase(mode))).toMatchObject(protectedByLock)
  nowMs += 60_000
  await erase(mode)
  expect(store.versions(mode)).toEqual([])
})

test('a delete without a version hides a locked version behind a marker', async () => {
  store.put('hidden', 'x', { legalHold: true })
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'hidden' }))
  expect(store.versions('hidden').map(({ isDeleteMarker }) => isDeleteMarker)).toEqual([true, false])
})

test('the header and the right bypass governance, but not compliance or a legal hold', async () => {
  const bypass = { BypassGovernanceRetention: true }
  store.put('governed', 'x', { retention: { mode: 'GOVERNANCE', untilMs: inAMinute() } })
  const deny = { Statement: { Effect: 'Deny', Action: 's3:BypassGovernanceRetention', Resource: '*' } } as const
  const { policies } = lab.principals.admin.user
  policies.push(deny)
  expect((await refusal(erase('governed', bypass))).message).toContain('s3:BypassGovernanceRetention')
  policies.pop()
  await erase('governed', bypass)
  store.put('complied', 'x', { retention: { mode: 'COMPLIANCE', untilMs: inAMinute() } })
  store.put('held', 'x', { legalHold: true })
  expect(await refusal(erase('complied', bypass))).toMatchObject(protectedByLock)
  expect(await refusal(erase('held', bypass))).toMatchObject(protectedByLock)
})

test('refuses the header if there is no Object Lock', async () => {
  const { versionId } = lab.bucket().put('k', 'x')
  const input = { Bucket: labBucket, Key: 'k', VersionId: versionId, BypassGovernanceRetention: true }
  expect(await refusal(s3.send(new DeleteObjectCommand(input)))).toMatchObject({ code: 'InvalidArgument' })
})

test('a deletion of many versions reports the locked ones inside the 200', async () => {
  const free = store.put('free', 'x').versionId
  const held = store.put('kept', 'x', { legalHold: true }).versionId
  const Objects = [
    { Key: 'free', VersionId: free },
    { Key: 'kept', VersionId: held },
  ]
  const answer = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  expect(answer.Deleted).toEqual([Objects[0]])
  expect(answer.Errors).toEqual([{ ...Objects[1], Code: protectedByLock.code, Message: protectedByLock.message }])
})

test('a retention is set, shown, extended, and shortened only by bypassing governance', async () => {
  store.put('set', 'x')
  const read = () => s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'set' }))
  expect(await refusal(read())).toMatchObject({ status: 404, code: 'NoSuchObjectLockConfiguration' })
  const until = (untilMs: number, more: { BypassGovernanceRetention?: boolean } = {}) => {
    const Retention = { Mode: 'GOVERNANCE', RetainUntilDate: new Date(untilMs) } as const
    return s3.send(new PutObjectRetentionCommand({ Bucket, Key: 'set', Retention, ...more }))
  }
  await until(inAMinute())
  await until(inAMinute() + 1_000)
  expect(await refusal(until(inAMinute()))).toMatchObject(protectedByLock)
  await until(inAMinute(), { BypassGovernanceRetention: true })
  expect((await read()).Retention).toEqual({ Mode: 'GOVERNANCE', RetainUntilDate: new Date(inAMinute()) })
  expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'set' }))).ObjectLockMode).toBe('GOVERNANCE')
})

test('a legal hold is set and removed', async () => {
  store.put('hold', 'x')
  const put = (Status: 'ON' | 'OFF') =>
    s3.send(new PutObjectLegalHoldCommand({ Bucket, Key: 'hold', LegalHold: { Status } }))
  await put('ON')
  expect(await refusal(erase('hold'))).toMatchObject(protectedByLock)
  await put('OFF')
  const { LegalHold } = await s3.send(new GetObjectLegalHoldCommand({ Bucket, Key: 'hold' }))
  expect(LegalHold).toEqual({ Status: 'OFF' })
  await erase('hold')
})
