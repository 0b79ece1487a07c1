import { GetObjectCommand, HeadObjectCommand, type GetObjectCommandInput } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labBucket, labExternalId, labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { assume, refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const z = await assume(lab, lab.principals.zAudit, { RoleArn: labRoles.Z, ExternalId: labExternalId })
const s3 = s3As(lab, z)
const Bucket = labBucket
lab.bucket().put('log', '0123456789', { withCrc32: true, metadata: { signature: 'abcd' } })

async function get(input: Partial<GetObjectCommandInput> = {}) {
  return s3.send(new GetObjectCommand({ Bucket, Key: 'log', ...input }))
}

test('GET and HEAD return the same facts', async () => {
  const got = await get()
  const headed = await s3.send(new HeadObjectCommand({ Bucket, Key: 'log' }))
  expect(await got.Body?.transformToString()).toBe('0123456789')
  const facts = { ContentLength: 10, ETag: '"781e5e245d69b566979b86e28d23f2c7"', Metadata: { signature: 'abcd' } }
  expect(got).toMatchObject(facts)
  expect(headed).toMatchObject(facts)
})

test.each([
  ['bytes=2-4', '234', 'bytes 2-4/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=5-99', '56789', 'bytes 5-9/10'],
])('the range %s is %s', async (Range, text, ContentRange) => {
  const answer = await get({ Range })
  expect([await answer.Body?.transformToString(), answer.ContentRange]).toEqual([text, ContentRange])
  expect(answer.$metadata.httpStatusCode).toBe(206)
})

test('refuses a range after the end', async () => {
  expect(await refusal(get({ Range: 'bytes=10-' }))).toMatchObject({ status: 416, code: 'InvalidRange' })
})

test('conditions hold or fail', async () => {
  const { ETag } = await get({ IfMatch: '"781e5e245d69b566979b86e28d23f2c7"' })
  expect(await refusal(get({ IfMatch: '"other"' }))).toMatchObject({ status: 412, code: 'PreconditionFailed' })
  expect(await refusal(get({ IfNoneMatch: ETag ?? '' }))).toMatchObject({ status: 304 })
})

test('returns a checksum if asked', async () => {
  expect((await get({ ChecksumMode: 'ENABLED' })).ChecksumCRC32).toBe('poTHxg==')
})

test.each(['GLACIER', 'DEEP_ARCHIVE'] as const)('refuses to read %s until it is restored', async (storageClass) => {
  lab.bucket().put('cold', 'x', { storageClass })
  expect(await refusal(get({ Key: 'cold' }))).toMatchObject({
    status: 403,
    code: 'InvalidObjectState',
    message: "The operation is not valid for the object's storage class",
  })
  lab.bucket().put('cold', 'x', { storageClass, restore: { ongoing: false } })
  expect(await (await get({ Key: 'cold' })).Body?.transformToString()).toBe('x')
})

test('a missing key is 404 with the right to list, and 403 without it', async () => {
  expect(await refusal(get({ Key: 'gone' }))).toMatchObject({ status: 404, code: 'NoSuchKey' })
  const b = s3As(lab, await assume(lab, lab.principals.bAudit, { RoleArn: labRoles.B }))
  const Key = 'AWSLogs/222222222222/gone'
  expect(await refusal(b.send(new GetObjectCommand({ Bucket, Key })))).toMatchObject({
    status: 403,
    code: 'AccessDenied',
  })
})

test('an object under a KMS key needs kms:Decrypt, and its ETag is not an MD5', async () => {
  const kmsKeyArn = 'arn:aws:kms:us-east-1:111111111111:key/1234abcd'
  const { etag } = lab.bucket().put('encrypted', '0123456789', { kmsKeyArn })
  expect(etag).not.toBe('781e5e245d69b566979b86e28d23f2c7')
  const answer = await refusal(get({ Key: 'encrypted' }))
  expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' })
  expect(answer.message).toContain(
    'is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext',
  )

  const allow = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: kmsKeyArn } as const
  const viaS3 = { ...allow, Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } } }
  lab.iam.role(labRoles.Z)?.policies.push({ Statement: viaS3 })
  expect((await get({ Key: 'encrypted' })).SSEKMSKeyId).toBe(kmsKeyArn)
})
