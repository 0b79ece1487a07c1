import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { labBucket } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { refusal, s3As } from './lab-clients.ts'

const lab = await startLab({ minPartBytes: 4 })
afterAll(() => lab.stop())
beforeEach(() => lab.setFaults({}))
const s3 = s3As(lab, lab.principals.admin)
const Bucket = labBucket
const md5 = (body: string | Buffer) => createHash('md5').update(body).digest()

async function begin(Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const { UploadId = '' } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))
  return UploadId
}

async function upload(Key: string, UploadId: string, bodies: string[]): Promise<CompleteMultipartUploadCommand> {
  const Parts = []
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1
    const { ETag = '', ChecksumSHA256 } = await s3.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
    )
    Parts.push({ PartNumber, ETag, ...(ChecksumSHA256 === undefined ? {} : { ChecksumSHA256 }) })
  }
  return new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } })
}

test('joins the parts to one object, whose ETag is the MD5 of their MD5s', async () => {
  const UploadId = await begin('joined', { Metadata: { a: '1' }, StorageClass: 'GLACIER_IR', Tagging: 'b=2' })
  const answer = await s3.send(await upload('joined', UploadId, ['one-', 'two-', '3']))
  expect(answer.ETag).toBe(`"${md5(Buffer.concat([md5('one-'), md5('two-'), md5('3')])).toString('hex')}-3"`)
  expect(lab.bucket().get('joined')?.body.toString()).toBe('one-two-3')
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'joined' }))
  expect(head).toMatchObject({ ETag: answer.ETag, Metadata: { a: '1' }, StorageClass: 'GLACIER_IR', TagCount: 1 })
})

test('a composite checksum is computed from the checksums of the parts', async () => {
  const UploadId = await begin('composite', { ChecksumAlgorithm: 'SHA256' })
  const sha256 = (body: string | Buffer) => createHash('sha256').update(body).digest()
  const Parts = []
  for (const [index, Body] of ['one-', 'two-'].entries()) {
    const given = { Bucket, Key: 'composite', UploadId, PartNumber: index + 1, Body } as const
    const { ETag, ChecksumSHA256 } = await s3.send(new UploadPartCommand({ ...given, ChecksumAlgorithm: 'SHA256' }))
    Parts.push({ PartNumber: index + 1, ETag, ChecksumSHA256 })
  }
  const named = { Bucket, Key: 'composite', UploadId }
  const bare = Parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }))
  const without = s3.send(new CompleteMultipartUploadCommand({ ...named, MultipartUpload: { Parts: bare } }))
  expect(await refusal(without)).toMatchObject({ status: 400, code: 'InvalidRequest' })
  const answer = await s3.send(new CompleteMultipartUploadCommand({ ...named, MultipartUpload: { Parts } }))
  const expected = sha256(Buffer.concat([sha256('one-'), sha256('two-')])).toString('base64')
  expect(answer).toMatchObject({ ChecksumSHA256: `${expected}-2`, ChecksumType: 'COMPOSITE' })
})

test('refuses a part below the smallest size, unless it is the last', async () => {
  const complete = await upload('small', await begin('small'), ['abc', 'abcd'])
  expect(await refusal(s3.send(complete))).toMatchObject({ status: 400, code: 'EntityTooSmall' })
  expect(lab.bucket().get('small')).toBeUndefined()
})

test('refuses parts out of order, and parts that were not sent', async () => {
  const { input } = await upload('order', await begin('order'), ['one-', 'two-'])
  const parts = input.MultipartUpload?.Parts ?? []
  const completeWith = (Parts: typeof parts) =>
    refusal(s3.send(new CompleteMultipartUploadCommand({ ...input, MultipartUpload: { Parts } })))
  expect(await completeWith(parts.toReversed())).toMatchObject({ status: 400, code: 'InvalidPartOrder' })
  expect(await completeWith([{ PartNumber: 3, ETag: '"x"' }])).toMatchObject({ status: 400, code: 'InvalidPart' })
})

test('lists an upload until it is completed or aborted, and then does not know it', async () => {
  const listed = async () => (await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'left/' }))).Uploads ?? []
  const [done, dropped] = [await begin('left/done'), await begin('left/dropped')]
  expect((await listed()).map(({ Key }) => Key)).toEqual(['left/done', 'left/dropped'])
  const complete = await upload('left/done', done, ['x'])
  await s3.send(complete)
  const abort = new AbortMultipartUploadCommand({ Bucket, Key: 'left/dropped', UploadId: dropped })
  await s3.send(abort)
  expect(await listed()).toEqual([])
  expect(await refusal(s3.send(complete))).toMatchObject({ status: 404, code: 'NoSuchUpload' })
  expect(await refusal(s3.send(abort))).toMatchObject({ status: 404, code: 'NoSuchUpload' })
})

test('If-None-Match: * completes only if the key is free', async () => {
  lab.bucket().put('there', 'x')
  const { input } = await upload('there', await begin('there'), ['y'])
  const complete = s3.send(new CompleteMultipartUploadCommand({ ...input, IfNoneMatch: '*' }))
  expect(await refusal(complete)).toMatchObject({ status: 412, code: 'PreconditionFailed' })
})

test('a completion with an error inside its 200 has done nothing, and can be repeated', async () => {
  const complete = await upload('again', await begin('again'), ['x'])
  lab.setFaults({ rules: [{ fault: 'errorInside200', probability: 1, times: 1 }] })
  expect(await refusal(s3.send(complete))).toMatchObject({ code: 'InternalError' })
  expect(lab.bucket().get('again')).toBeUndefined()
  await s3.send(complete)
  expect(lab.bucket().get('again')).toBeDefined()
})
