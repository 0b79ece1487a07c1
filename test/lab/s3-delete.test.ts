import { DeleteObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { labAccounts, labBucket, labExternalId, labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { assume, refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
beforeEach(() => lab.setFaults({}))
const Bucket = labBucket
const z = s3As(lab, await assume(lab, lab.principals.zAudit, { RoleArn: labRoles.Z, ExternalId: labExternalId }))
const b = s3As(lab, await assume(lab, lab.principals.bAudit, { RoleArn: labRoles.B }))

test('deletes a missing key without an error', async () => {
  expect((await z.send(new DeleteObjectCommand({ Bucket, Key: 'nothing' }))).$metadata.httpStatusCode).toBe(204)
})

test('a caller with only read rights deletes nothing', async () => {
  const Key = 'AWSLogs/222222222222/log'
  lab.bucket().put(Key, 'x')
  expect(await refusal(b.send(new DeleteObjectCommand({ Bucket, Key })))).toMatchObject({ code: 'AccessDenied' })
  const many = await b.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }))
  expect([many.$metadata.httpStatusCode, many.Errors?.[0]?.Code]).toEqual([200, 'AccessDenied'])
  expect(lab.bucket().get(Key)).toBeDefined()
})

test('an ETag that does not match protects its key, and only that key', async () => {
  const { etag } = lab.bucket().put('old & <new>', 'x')
  lab.bucket().put('changed', 'x')
  const Objects = [
    { Key: 'old & <new>', ETag: `"${etag}"` },
    { Key: 'changed', ETag: '"other"' },
  ]
  const answer = await z.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(['old & <new>'])
  expect(answer.Errors).toMatchObject([{ Key: 'changed', Code: 'PreconditionFailed' }])
})

test('a quiet answer names only failures', async () => {
  lab.bucket().put('quiet', 'x')
  const Delete = { Objects: [{ Key: 'quiet' }], Quiet: true }
  expect((await z.send(new DeleteObjectsCommand({ Bucket, Delete }))).Deleted).toBeUndefined()
  expect(lab.bucket().get('quiet')).toBeUndefined()
})

test('on a versioned bucket, deletes by a marker, and a version permanently', async () => {
  const account = lab.principals.admin.account
  const store = lab.addBucket({ name: 'kept', owner: account, region: 'us-east-1', versioned: true })
  const admin = s3As(lab, lab.principals.admin)
  const { versionId } = store.put('a', 'x')
  const answer = await admin.send(new DeleteObjectsCommand({ Bucket: 'kept', Delete: { Objects: [{ Key: 'a' }] } }))
  expect(answer.Deleted?.[0]?.DeleteMarker).toBe(true)
  await admin.send(new DeleteObjectCommand({ Bucket: 'kept', Key: 'a', VersionId: versionId }))
  expect(store.versions('a').map(({ isDeleteMarker }) => isDeleteMarker)).toEqual([true])
})

test('checks a condition against the current version, whichever version is deleted', async () => {
  const store = lab.addBucket({ name: 'current', owner: labAccounts.A, region: 'us-east-1', versioned: true })
  const old = store.put('a', 'old')
  const { etag } = store.put('a', 'new')
  const admin = s3As(lab, lab.principals.admin)
  const erase = (ETag: string) => {
    const Objects = [{ Key: 'a', VersionId: old.versionId, ETag }]
    return admin.send(new DeleteObjectsCommand({ Bucket: 'current', Delete: { Objects } }))
  }
  expect((await erase(old.etag)).Errors).toMatchObject([{ Code: 'PreconditionFailed', VersionId: old.versionId }])
  expect((await erase(etag)).Deleted).toEqual([{ Key: 'a', VersionId: old.versionId }])
})

test('a condition by ETag needs the right to read', async () => {
  const policies = [{ Statement: { Effect: 'Allow', Action: 's3:DeleteObject', Resource: '*' } } as const]
  const eraser = s3As(lab, lab.iam.addUser({ account: labAccounts.A, name: 'eraser', policies }))
  const { etag } = lab.bucket().put('unread', 'x')
  const Objects = [{ Key: 'unread', ETag: etag }]
  const answer = await eraser.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  expect(answer.Errors).toMatchObject([{ Code: 'AccessDenied', Message: expect.stringContaining('s3:GetObject') }])
})

test('reports a deleted marker as a marker', async () => {
  const store = lab.addBucket({ name: 'markers', owner: labAccounts.A, region: 'us-east-1', versioned: true })
  store.put('a', 'x')
  const versionId = store.delete('a')?.versionId
  const Delete = { Objects: [{ Key: 'a', VersionId: versionId }] }
  const admin = s3As(lab, lab.principals.admin)
  const { Deleted } = await admin.send(new DeleteObjectsCommand({ Bucket: 'markers', Delete }))
  expect(Deleted).toEqual([{ Key: 'a', VersionId: versionId, DeleteMarker: true, DeleteMarkerVersionId: versionId }])
  expect(store.get('a')).toBeDefined()
})

test('refuses 1,001 keys', async () => {
  const Objects = Array.from({ length: 1_001 }, (_, index) => ({ Key: `k${index}` }))
  const call = z.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  expect(await refusal(call)).toMatchObject({ status: 400, code: 'MalformedXML' })
})

test.each([
  ['keyErrorInside200', ['b', 'd'], ['a InternalError', 'c SlowDown'], ['a', 'c']],
  ['unansweredKeys', ['b', 'd'], [], ['c']],
] as const)('under %s a part of the keys is deleted and told', async (fault, deleted, errors, left) => {
  const keys = ['a', 'b', 'c', 'd']
  for (const key of keys) lab.bucket().put(key, 'x')
  lab.setFaults({ rules: [{ fault, probability: 1 }] })
  const Delete = { Objects: keys.map((Key) => ({ Key })) }
  const answer = await z.send(new DeleteObjectsCommand({ Bucket, Delete }))
  expect((answer.Deleted ?? []).map(({ Key }) => Key)).toEqual(deleted)
  expect((answer.Errors ?? []).map(({ Key, Code }) => `${Key} ${Code}`)).toEqual(errors)
  expect(keys.filter((key) => lab.bucket().get(key) !== undefined)).toEqual(left)
})
