import { DeleteObjectCommand, DeleteObjectsCommand, GetBucketVersioningCommand } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labAccounts, labMfaCode, labMfaSerial } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const s3 = s3As(lab, lab.principals.admin)
const Bucket = 'guarded'
const guarded = { name: Bucket, owner: labAccounts.A, region: 'us-east-1', versioned: true, mfaDelete: true }
const store = lab.addBucket(guarded)
const MFA = `${labMfaSerial} ${labMfaCode}`
const demanded = { status: 403, code: 'AccessDenied', message: 'Mfa Authentication must be used for this request' }

test('a bucket reports its MFA Delete', async () => {
  expect(await s3.send(new GetBucketVersioningCommand({ Bucket }))).toMatchObject({
    Status: 'Enabled',
    MFADelete: 'Enabled',
  })
})

test('deletes a version only with the code, and makes a marker without it', async () => {
  const { versionId: VersionId } = store.put('k', 'x')
  const erase = (more: object) => s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId, ...more }))
  expect(await refusal(erase({}))).toEqual(demanded)
  expect(await refusal(erase({ MFA: `${labMfaSerial} 000000` }))).toEqual(demanded)
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }))
  await erase({ MFA })
  expect(store.versions('k').map(({ isDeleteMarker }) => isDeleteMarker)).toEqual([true])
})

test('without the code, one version among many keys fails the whole call', async () => {
  store.put('plain', 'x')
  const { versionId: VersionId } = store.put('old', 'x')
  const Delete = { Objects: [{ Key: 'plain' }, { Key: 'old', VersionId }] }
  expect(await refusal(s3.send(new DeleteObjectsCommand({ Bucket, Delete })))).toEqual(demanded)
  expect(store.get('plain')).toBeDefined()
  const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete, MFA }))
  expect(Deleted?.length).toBe(2)
})
