import { PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labAccounts, labBucket } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const kmsKeyArn = 'arn:aws:kms:us-east-1:111111111111:key/1234abcd'
const policies = [{ Statement: { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' } } as const]
const writer = lab.iam.addUser({ account: labAccounts.A, name: 'writer', policies })
lab.addBucket({ name: 'locked', owner: labAccounts.A, region: 'us-east-1', objectLock: true })

function put(more: Partial<PutObjectCommandInput>, keys = lab.principals.admin): Promise<unknown> {
  return s3As(lab, keys).send(new PutObjectCommand({ Bucket: labBucket, Key: 'k', Body: 'x', ...more }))
}

test.each([
  ['tags', { Tagging: 'a=1' }, 's3:PutObjectTagging'],
  ['an ACL', { ACL: 'bucket-owner-full-control' }, 's3:PutObjectAcl'],
  ['a KMS key', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyArn }, 'kms:GenerateDataKey'],
  [
    'a retention',
    { Bucket: 'locked', ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: new Date(Date.now() + 60_000) },
    's3:PutObjectRetention',
  ],
  ['a legal hold', { Bucket: 'locked', ObjectLockLegalHoldStatus: 'ON' }, 's3:PutObjectLegalHold'],
] as const)('%s needs its own right', async (_, more, action) => {
  const { code, message } = await refusal(put(more, writer))
  expect([code, message]).toEqual(['AccessDenied', expect.stringContaining(`perform: ${action} on`)])
  await put(more)
})

test.each<[string, Partial<PutObjectCommandInput>, string]>([
  ['another ACL', { ACL: 'public-read' }, 'AccessControlListNotSupported'],
  ['a grant', { GrantRead: 'id="x"' }, 'AccessControlListNotSupported'],
  ['an unknown storage class', { StorageClass: 'COLD' as 'GLACIER' }, 'InvalidStorageClass'],
  ['a KMS key without KMS', { SSEKMSKeyId: kmsKeyArn }, 'InvalidArgument'],
  ['eleven tags', { Tagging: Array.from({ length: 11 }, (_, index) => `t${index}=1`).join('&') }, 'BadRequest'],
  ['a repeated tag', { Tagging: 'a=1&a=2' }, 'InvalidArgument'],
  ['an invalid tag', { Tagging: 'a%23=1' }, 'InvalidTag'],
  ['a legal hold without Object Lock', { ObjectLockLegalHoldStatus: 'ON' }, 'InvalidRequest'],
])('refuses %s', async (_, more, code) => {
  expect(await refusal(put(more))).toMatchObject({ status: 400, code })
})

test('under a KMS key the ETag says nothing about the body, and differs each time', async () => {
  await put({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyArn })
  const first = lab.bucket().get('k')
  await put({ ServerSideEncryption: 'aws:kms' })
  const second = lab.bucket().get('k')
  expect(first?.kmsKeyArn).toBe(kmsKeyArn)
  expect(new Set([first?.etag, second?.etag, '9dd4e461268c8034f5c8564e155c67a6']).size).toBe(3)
})
