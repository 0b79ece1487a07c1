import { randomBytes } from 'node:crypto'
import { Crc64Nvme } from '@aws-sdk/crc64-nvme'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { BucketAdmin } from '../../src/s3/bucket-admin.ts'
import type { ObjectHead } from '../../src/s3/object-head.ts'
import type { StorageOptions } from '../../src/s3/copy-target.ts'
import type { HttpClient } from '../../src/s3/http.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { partRanges, PartsTarget } from '../../src/s3/parts-target.ts'
import { labCalls, owner, useLab } from './admin-lab.ts'

const mebibyte = 1024 ** 2
const body = randomBytes(13 * mebibyte)
const sourceBucket = 'source-logs'
const targetBucket = 'target-logs'
let lab: Lab
let http: HttpClient

beforeAll(async () => {
  lab = await startLab()
  http = createHttpClient({ env: {}, stallTimeoutMs: 1000 })
  for (const name of [sourceBucket, targetBucket]) lab.addBucket({ name, owner, region: 'us-east-1' })
})
afterAll(async () => {
  await http.close()
  await lab.stop()
})
beforeEach(() => {
  useLab(lab)
  lab.bucket(targetBucket).delete('a/k')
  lab.requests.clear()
})
afterEach(() => {
  lab.setFaults({})
  vi.unstubAllEnvs()
})

function target(storage: StorageOptions = {}): PartsTarget {
  return new PartsTarget(labCalls(lab, http, targetBucket).options, storage)
}

async function headOf(name: string, key: string): Promise<ObjectHead> {
  const head = await new BucketAdmin(labCalls(lab, http, name).options).head(key)
  if (head === undefined) throw new Error(`${key} is not there`)
  return head
}

async function* chunks(whole: Buffer, partBytes = 5 * mebibyte): AsyncGenerator<Buffer> {
  for (let at = 0; at < whole.length; at += partBytes) yield whole.subarray(at, at + partBytes)
}

function crc64(bytes: Buffer): Promise<string> {
  const crc = new Crc64Nvme()
  crc.update(bytes)
  return crc.digest().then((digest) => Buffer.from(digest).toString('base64'))
}

describe('a copy in parts', () => {
  async function copy(storage: StorageOptions = {}, etag?: string, signal?: AbortSignal) {
    const { etag: listed } = lab.bucket(sourceBucket).get('ü k') ?? { etag: '' }
    const source = { bucket: sourceBucket, owner, object: { key: 'ü k', etag: etag ?? listed } }
    const head = await headOf(sourceBucket, 'ü k')
    return target(storage).copyInParts(source, head, 'a/k', { partSizeBytes: 5 * mebibyte }, signal)
  }

  beforeEach(() => {
    lab.bucket(sourceBucket).put('ü k', body, {
      metadata: { signature: 'abcd' },
      contentType: 'application/json',
      contentEncoding: 'gzip',
      tags: { team: 'audit + co' },
    })
  })

  it('keeps the body, metadata, headers and tags', async () => {
    const { etag } = await copy()
    const stored = lab.bucket(targetBucket).get('a/k')
    expect(stored?.body.equals(body)).toBe(true)
    expect(stored).toMatchObject({
      etag,
      metadata: { signature: 'abcd' },
      contentType: 'application/json',
      contentEncoding: 'gzip',
      tags: { team: 'audit + co' },
    })
    expect(etag).toMatch(/-3$/)
    expect(lab.requests.count('UploadPartCopy')).toBe(3)
  })

  it("requests a full-object checksum and compares it with the source's", async () => {
    const crc64nvme = await crc64(body)
    lab.bucket(sourceBucket).put('ü k', body, { checksums: { crc64nvme } })
    await copy()
    const sent = new Map(lab.requests.recent().map(({ operation, headers }) => [operation, headers]))
    expect(sent.get('CreateMultipartUpload')).toMatchObject({
      'x-amz-checksum-algorithm': 'CRC64NVME',
      'x-amz-checksum-type': 'FULL_OBJECT',
    })
    expect(sent.get('CompleteMultipartUpload')).toMatchObject({
      'x-amz-checksum-crc64nvme': crc64nvme,
      'x-amz-mp-object-size': String(body.length),
    })
  })

  it('is stored as requested', async () => {
    await copy({ storageClass: 'GLACIER_IR', tags: { moved: 'yes' }, acl: 'bucket-owner-full-control' })
    expect(lab.bucket(targetBucket).get('a/k')).toMatchObject({
      storageClass: 'GLACIER_IR',
      tags: { moved: 'yes' },
      acl: 'bucket-owner-full-control',
    })
  })

  it('names the owners of both buckets and the ETag with every part', async () => {
    await copy()
    const parts = lab.requests.recent().filter(({ operation }) => operation === 'UploadPartCopy')
    const etag = lab.bucket(sourceBucket).get('ü k')?.etag
    for (const { headers } of parts) {
      expect(headers).toMatchObject({
        'x-amz-expected-bucket-owner': owner,
        'x-amz-source-expected-bucket-owner': owner,
        'x-amz-copy-source-if-match': `"${etag}"`,
      })
    }
  })

  it('of an object that was replaced before its HEAD is refused before the first part', async () => {
    await expect(copy({}, '0'.repeat(32))).rejects.toMatchObject({ code: 'object.changed' })
    expect(lab.requests.count('CreateMultipartUpload')).toBe(0)
  })

  it('of an object that is replaced meanwhile is refused and leaves nothing', async () => {
    lab.setFaults({
      hook: ({ operation }) => {
        if (operation === 'CreateMultipartUpload') lab.bucket(sourceBucket).put('ü k', Buffer.alloc(body.length))
        return undefined
      },
    })
    await expect(copy()).rejects.toMatchObject({ code: 'object.changed' })
    expect([lab.bucket(targetBucket).uploads.size, lab.bucket(targetBucket).get('a/k')]).toEqual([0, undefined])
  })

  it('that is interrupted leaves nothing', async () => {
    const controller = new AbortController()
    lab.setFaults({
      hook: ({ operation }) => {
        if (operation === 'UploadPartCopy') controller.abort()
        return undefined
      },
    })
    await expect(copy({}, undefined, controller.signal)).rejects.toMatchObject({ code: 'interrupted' })
    expect([lab.bucket(targetBucket).uploads.size, lab.bucket(targetBucket).get('a/k')]).toEqual([0, undefined])
  })

  it.each(['errorInside200', 'slowDown', 'internalError', 'resetBeforeHeaders'] as const)(
    'continues after %s',
    async (fault) => {
      const operations = ['UploadPartCopy', 'CompleteMultipartUpload']
      lab.setFaults({ rules: [{ fault, probability: 1, times: 2, operations }] })
      await copy()
      expect(lab.bucket(targetBucket).get('a/k')?.body.equals(body)).toBe(true)
      expect(lab.bucket(targetBucket).uploads.size).toBe(0)
    },
  )

  const kmsKey = `arn:aws:kms:us-east-1:${owner}:key/1`
  /** S3 carries out the first of these calls, but the answer is lost. */
  const firstAnswerLost = { fault: 'resetBeforeHeaders', probability: 1, times: 1 } as const
  const completing = { operations: ['CompleteMultipartUpload'] }

  it.each<[string, StorageOptions]>([
    ['its ETag', {}],
    ['its checksum, under a KMS key', { encryption: 'aws:kms', kmsKey }],
  ])('whose parts were joined although the answer was lost is recognized by %s', async (_, storage) => {
    lab.bucket(sourceBucket).put('ü k', body, { checksums: { crc64nvme: await crc64(body) } })
    lab.setFaults({ rules: [{ ...firstAnswerLost, ...completing }] })
    const { etag } = await copy(storage)
    const stored = lab.bucket(targetBucket).get('a/k')
    expect(stored?.body.equals(body)).toBe(true)
    expect(etag).toBe(stored?.etag)
  })

  it.each<[string, (key: string) => void]>([
    [
      'another object of the same size took its place',
      (key) => lab.bucket(targetBucket).put(key, randomBytes(13 * mebibyte)),
    ],
    ['no object is there', (key) => lab.bucket(targetBucket).delete(key)],
  ])('whose upload no longer exists, and %s, fails', async (_, meddle) => {
    let calls = 0
    lab.setFaults({
      hook: ({ operation, key }) => {
        if (operation === 'HeadObject' && key === 'a/k') meddle(key)
        return operation === 'CompleteMultipartUpload' && ++calls === 1 ? 'resetBeforeHeaders' : undefined
      },
    })
    await expect(copy()).rejects.toMatchObject({ code: 'object.upload-gone' })
  })

  it('whose upload was ended by someone else before the first attempt fails, whatever is there', async () => {
    await copy()
    lab.setFaults({
      hook: ({ operation }) => {
        if (operation === 'CompleteMultipartUpload') lab.bucket(targetBucket).uploads.clear()
        return undefined
      },
    })
    await expect(copy()).rejects.toMatchObject({ code: 'object.upload-gone' })
  })

  it('fails if every 200 contains an error, and leaves nothing', async () => {
    lab.setFaults({ rules: [{ fault: 'errorInside200', probability: 1, operations: ['CompleteMultipartUpload'] }] })
    await expect(copy()).rejects.toMatchObject({ code: 'bucket.server-error' })
    expect([lab.bucket(targetBucket).uploads.size, lab.bucket(targetBucket).get('a/k')]).toEqual([0, undefined])
  })

  it('whose upload cannot be aborted names its ID', async () => {
    const denied = { status: 403, code: 'AccessDenied', message: 'Access Denied' }
    lab.setFaults({
      rules: [{ fault: denied, probability: 1, operations: ['UploadPartCopy', 'AbortMultipartUpload'] }],
    })
    const [failure] = await Promise.allSettled([copy()])
    const uploadId = [...lab.bucket(targetBucket).uploads.keys()][0]
    expect(failure).toMatchObject({ reason: { code: 'access.copy-denied', facts: { uploadId } } })
    lab.bucket(targetBucket).uploads.clear()
  })
})

describe('an upload in parts', () => {
  const head = {
    sizeBytes: body.length,
    headers: { 'content-type': 'a/b', 'x-amz-meta-signature': 'abcd' },
    checksums: {},
  }

  it("stores the chunks in their order, with the object's own headers", async () => {
    const { etag } = await target().uploadInParts('a/k', chunks(body), head, { concurrency: 3 })
    const stored = lab.bucket(targetBucket).get('a/k')
    expect(stored?.body.equals(body)).toBe(true)
    expect(stored).toMatchObject({ etag, contentType: 'a/b', metadata: { signature: 'abcd' } })
  })

  it('sends a checksum with every part', async () => {
    await target().uploadInParts('a/k', chunks(body), head)
    const parts = lab.requests.recent().filter(({ operation }) => operation === 'UploadPart')
    expect(parts.map(({ headers }) => headers['x-amz-checksum-crc64nvme'] !== undefined)).toEqual([true, true, true])
  })

  it('holds no more chunks than it may', async () => {
    let held = 0
    let most = 0
    lab.setFaults({
      hook: ({ operation }) => {
        if (operation === 'UploadPart') held--
        return undefined
      },
    })
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const chunk of chunks(body)) {
        most = Math.max(most, ++held)
        yield chunk
      }
    }
    await target().uploadInParts('a/k', counted(), head, { concurrency: 1 })
    expect(most).toBe(1)
  })

  it.each([
    ['object.truncated', body.length + 1],
    ['object.too-long', body.length - 1],
  ])('whose size differs from the announced one is %s and leaves nothing', async (code, sizeBytes) => {
    await expect(target().uploadInParts('a/k', chunks(body), { ...head, sizeBytes })).rejects.toMatchObject({ code })
    expect([lab.bucket(targetBucket).uploads.size, lab.bucket(targetBucket).get('a/k')]).toEqual([0, undefined])
  })

  it("whose source fails leaves nothing and throws the source's error", async () => {
    const broken = new Error('the source broke')
    async function* breaking(): AsyncGenerator<Buffer> {
      yield body.subarray(0, 5 * mebibyte)
      throw broken
    }
    await expect(target().uploadInParts('a/k', breaking(), head)).rejects.toBe(broken)
    expect(lab.bucket(targetBucket).uploads.size).toBe(0)
  })

  it('that must not replace keeps the object that exists, and leaves no parts', async () => {
    lab.bucket(targetBucket).put('a/k', 'theirs')
    await expect(
      target().uploadInParts('a/k', chunks(body), head, { concurrency: 2, replace: false }),
    ).rejects.toMatchObject({ code: 'object.changed' })
    expect(lab.bucket(targetBucket).get('a/k')?.body.toString()).toBe('theirs')
    expect(lab.bucket(targetBucket).uploads.size).toBe(0)
  })

  it('without parts is an empty object', async () => {
    await target().uploadInParts('a/k', chunks(Buffer.alloc(0)), { ...head, sizeBytes: 0 })
    expect(lab.bucket(targetBucket).get('a/k')?.body.length).toBe(0)
  })
})

describe('the parts of an object', () => {
  it('cover every byte once, in at most 10,000 parts of at least 5 MiB', () => {
    const size = fc.integer({ min: 1, max: 50 * 1024 ** 4 })
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 5 * 1024 ** 3 }), (sizeBytes, partBytes) => {
        const parts = [...partRanges(sizeBytes, partBytes)]
        const bounds = parts.map(({ range }) => range.slice('bytes='.length).split('-').map(Number))
        expect(parts.length).toBeLessThanOrEqual(10_000)
        let next = 0
        for (const [index, [first = -1, last = -1]] of bounds.entries()) {
          expect(first).toBe(next)
          if (index < bounds.length - 1) expect(last - first + 1).toBeGreaterThanOrEqual(5 * mebibyte)
          next = last + 1
        }
        expect(next).toBe(sizeBytes)
      }),
      { numRuns: 30 },
    )
  })
})
