import { CopyObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labAccounts, labBucket, labExternalId, labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import type { PolicyDocument } from '../../src/lab/evaluate-policy.ts'
import { assume, refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const store = lab.bucket()
const copyAs = async (
  CopySource: string,
  more: Partial<CopyObjectCommand['input']> = {},
  keys = lab.principals.admin,
) => s3As(lab, keys).send(new CopyObjectCommand({ Bucket: labBucket, Key: 'to', CopySource, ...more }))

test('finds a key with spaces, plus signs, percent signs and unicode', async () => {
  for (const key of ['a b', 'a+b', 'a%20b', 'ä/€', '?versionId=1']) {
    store.put(key, key)
    await copyAs(encodeURIComponent(`${labBucket}/${key}`))
    expect(store.get('to')?.body.toString()).toBe(key)
  }
})

test('copies a version by its ID, and names it in the answer', async () => {
  const versions = lab.addBucket({ name: 'versions', owner: labAccounts.A, region: 'us-east-1', versioned: true })
  const { versionId } = versions.put('v', 'old')
  const marker = versions.delete('v')
  expect((await copyAs(`versions/v?versionId=${versionId}`)).CopySourceVersionId).toBe(versionId)
  expect(store.get('to')?.body.toString()).toBe('old')
  const ofMarker = copyAs(`versions/v?versionId=${marker?.versionId}`)
  expect(await refusal(ofMarker)).toMatchObject({ status: 400, code: 'InvalidRequest' })
  expect(await refusal(copyAs('versions/v'))).toMatchObject({ status: 404, code: 'NoSuchKey' })
})

test('hides a missing source from a caller without the right to list', async () => {
  const policies = [
    { Statement: { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' } } as const,
  ]
  const blind = lab.iam.addUser({ account: labAccounts.A, name: 'blind', policies })
  expect(await refusal(copyAs(`${labBucket}/missing`, {}, blind))).toMatchObject({ status: 403 })
})

test("a copy into another account's bucket needs both the caller's policy and the bucket's", async () => {
  store.put('from', 'x')
  const archive = lab.addBucket({ name: 'archive', owner: labAccounts.Z, region: 'us-east-1' })
  const session = await assume(lab, lab.principals.zAudit, { RoleArn: labRoles.Z, ExternalId: labExternalId })
  const copy = () =>
    s3As(lab, session).send(
      new CopyObjectCommand({
        Bucket: 'archive',
        Key: 'to',
        CopySource: `${labBucket}/from`,
        ACL: 'bucket-owner-full-control',
        ExpectedBucketOwner: labAccounts.Z,
        ExpectedSourceBucketOwner: labAccounts.A,
      }),
    )
  const put = {
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:PutObjectAcl'],
    Resource: 'arn:aws:s3:::archive/*',
  } as const
  const condition = { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } }
  const shared: PolicyDocument = {
    Statement: [
      { ...put, Action: 's3:PutObject', Principal: { AWS: labRoles.Z }, Condition: condition },
      { ...put, Action: 's3:PutObjectAcl', Principal: { AWS: labRoles.Z } },
    ],
  }
  archive.policy = shared
  expect(await refusal(copy())).toMatchObject({ status: 403, message: 'Access Denied' })
  lab.iam.role(labRoles.Z)?.policies.push({ Statement: put })
  archive.policy = undefined
  expect(await refusal(copy())).toMatchObject({ status: 403, message: 'Access Denied' })
  archive.policy = shared
  await copy()
  expect(archive.get('to')).toMatchObject({ acl: 'bucket-owner-full-control' })
})
