import { DeleteObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labBucket, labExternalId, labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { assume, refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const Bucket = labBucket
const z = s3As(lab, await assume(lab, lab.principals.zAudit, { RoleArn: labRoles.Z, ExternalId: labExternalId }))
const b = s3As(lab, await assume(lab, lab.principals.bAudit, { RoleArn: labRoles.B }))

test('a key that is not there is deleted all the same', async () => {
  expect((await z.send(new DeleteObjectCommand({ Bucket, Key: 'nothing' }))).$metadata.httpStatusCode).toBe(204)
})

test('who may only read deletes nothing', async () => {
  const Key = 'AWSLogs/222222222222/log'
  lab.bucket().put(Key, 'x')
  expect(await refusal(b.send(new DeleteObjectCommand({ Bucket, Key })))).toMatchObject({ code: 'AccessDenied' })
  const many = await b.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }))
  expect([many.$metadata.httpStatusCode, many.Errors?.[0]?.Code]).toEqual([200, 'AccessDenied'])
  expect(lab.bucket().get(Key)).toBeDefined()
})

test('an ETag that does not match spares its key, and its key alone', async () => {
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

test('a quiet answer names only what failed', async () => {
  lab.bucket().put('quiet', 'x')
  const Delete = { Objects: [{ Key: 'quiet' }], Quiet: true }
  expect((await z.send(new DeleteObjectsCommand({ Bucket, Delete }))).Deleted).toBeUndefined()
  expect(lab.bucket().get('quiet')).toBeUndefined()
})

test('on a versioned bucket a delete leaves a marker, and a version goes for good', async () => {
  const account = lab.principals.admin.account
  const store = lab.addBucket({ name: 'kept', owner: account, region: 'us-east-1', versioned: true })
  const admin = s3As(lab, lab.principals.admin)
  const { versionId } = store.put('a', 'x')
  const answer = await admin.send(new DeleteObjectsCommand({ Bucket: 'kept', Delete: { Objects: [{ Key: 'a' }] } }))
  expect(answer.Deleted?.[0]?.DeleteMarker).toBe(true)
  await admin.send(new DeleteObjectCommand({ Bucket: 'kept', Key: 'a', VersionId: versionId }))
  expect(store.versions('a').map(({ isDeleteMarker }) => isDeleteMarker)).toEqual([true])
})
