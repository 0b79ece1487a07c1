import { CreateMultipartUploadCommand, UploadPartCommand, UploadPartCopyCommand } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labBucket } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { refusal, s3As } from './lab-clients.ts'

const lab = await startLab({ minPartBytes: 4, maxCopyBytes: 8, maxPutBytes: 8 })
afterAll(() => lab.stop())
const s3 = s3As(lab, lab.principals.admin)
const Bucket = labBucket
const Key = 'large'
const { UploadId = '' } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))
const { etag } = lab.bucket().put('from', '0123456789')
lab.bucket().put('tiny', '0123')
const part = { Bucket, Key, UploadId, PartNumber: 1 }
const copy = { ...part, CopySource: `${Bucket}/from` }
const upload = () => lab.bucket().uploads.get(UploadId)

test('a part is a range of its source', async () => {
  const ranged = { ...copy, CopySourceRange: 'bytes=2-5', CopySourceIfMatch: `"${etag}"` }
  const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(ranged))
  expect(upload()?.parts.get(1)?.body.toString()).toBe('2345')
  expect(CopyPartResult?.ETag).toBe(`"${upload()?.parts.get(1)?.etag}"`)
})

test.each([
  ['a range past the end', { CopySourceRange: 'bytes=2-10' }, 'InvalidArgument'],
  ['an incomplete range', { CopySourceRange: 'bytes=2-' }, 'InvalidArgument'],
  ['a range of too small a source', { CopySource: `${Bucket}/tiny`, CopySourceRange: 'bytes=0-1' }, 'InvalidRequest'],
  ['a source too large for one copy', {}, 'InvalidRequest'],
  ['a changed source', { CopySourceIfMatch: '"other"' }, 'PreconditionFailed'],
  ["another owner's source", { ExpectedSourceBucketOwner: '999999999999' }, 'AccessDenied'],
  ['part 0', { PartNumber: 0 }, 'InvalidArgument'],
  ['an unknown upload', { UploadId: 'unknown' }, 'NoSuchUpload'],
])('refuses %s', async (_, change, code) => {
  expect(await refusal(s3.send(new UploadPartCopyCommand({ ...copy, ...change })))).toMatchObject({ code })
})

test('refuses a part with a wrong checksum, and one that is too large', async () => {
  const wrong = s3.send(new UploadPartCommand({ ...part, Body: 'x', ChecksumCRC32: 'AAAAAA==' }))
  expect(await refusal(wrong)).toMatchObject({ status: 400, code: 'BadDigest' })
  const large = s3.send(new UploadPartCommand({ ...part, Body: '012345678' }))
  expect(await refusal(large)).toMatchObject({ status: 400, code: 'EntityTooLarge' })
})
