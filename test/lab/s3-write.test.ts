import { CopyObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labBucket } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const s3 = s3As(lab, lab.principals.admin)
const Bucket = labBucket
lab.addBucket({ name: 'target', owner: lab.principals.admin.account, region: 'us-east-1' })

test('stores the body, metadata and storage class', async () => {
  const input = { Bucket, Key: 'put', Body: 'body', Metadata: { a: '1' }, StorageClass: 'STANDARD_IA' } as const
  await s3.send(new PutObjectCommand(input))
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'put' }))
  expect(head).toMatchObject({ ContentLength: 4, Metadata: { a: '1' }, StorageClass: 'STANDARD_IA' })
})

test('If-None-Match: * puts only if the key is free', async () => {
  const put = new PutObjectCommand({ Bucket, Key: 'once', Body: 'x', IfNoneMatch: '*' })
  await s3.send(put)
  expect(await refusal(s3.send(put))).toMatchObject({ status: 412, code: 'PreconditionFailed' })
})

test.each([
  ['MD5', { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }],
  ['CRC32', { ChecksumCRC32: 'AAAAAA==' }],
  ['SHA256', { ChecksumSHA256: Buffer.alloc(32).toString('base64') }],
])('refuses a wrong %s', async (_, digest) => {
  const put = new PutObjectCommand({ Bucket, Key: 'bad', Body: 'x', ...digest })
  expect(await refusal(s3.send(put))).toMatchObject({ status: 400, code: 'BadDigest' })
})

test('a copy keeps metadata unless it is replaced', async () => {
  lab.bucket().put('from a', 'x', { metadata: { signature: 'abcd' } })
  const CopySource = `${Bucket}/${encodeURIComponent('from a')}`
  await s3.send(new CopyObjectCommand({ Bucket: 'target', Key: 'kept', CopySource }))
  const replaced = { MetadataDirective: 'REPLACE', Metadata: { other: '1' } } as const
  await s3.send(new CopyObjectCommand({ Bucket: 'target', Key: 'replaced', CopySource, ...replaced }))
  expect(lab.bucket('target').get('kept')?.metadata).toEqual({ signature: 'abcd' })
  expect(lab.bucket('target').get('replaced')?.metadata).toEqual({ other: '1' })
})

test.each([
  ['a changed source', { CopySourceIfMatch: '"other"' }, 'PreconditionFailed'],
  ["another owner's source", { ExpectedSourceBucketOwner: '999999999999' }, 'AccessDenied'],
  ["another owner's target", { ExpectedBucketOwner: '999999999999' }, 'AccessDenied'],
])('does not copy %s', async (_, condition, code) => {
  lab.bucket().put('from', 'x')
  const copy = new CopyObjectCommand({ Bucket: 'target', Key: 'no', CopySource: `${Bucket}/from`, ...condition })
  expect(await refusal(s3.send(copy))).toMatchObject({ code })
  expect(lab.bucket('target').get('no')).toBeUndefined()
})

test('refuses to copy an object onto itself without a change', async () => {
  lab.bucket().put('self', 'x')
  const copy = new CopyObjectCommand({ Bucket, Key: 'self', CopySource: `${Bucket}/self` })
  expect(await refusal(s3.send(copy))).toMatchObject({ status: 400, code: 'InvalidRequest' })
})
