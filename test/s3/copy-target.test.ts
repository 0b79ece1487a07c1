import { CopyObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { CopyTarget, objectHeaders, type StorageOptions } from '../../src/s3/copy-target.ts'
import type { HttpClient } from '../../src/s3/http.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { Pacer } from '../../src/s3/pacer.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { owner } from './admin-lab.ts'
import { awkward } from './awkward.ts'

const sourceBucket = 'source-logs'
const targetBucket = 'target-logs'
const targetOwner = '444444444444' as AccountId
let lab: Lab
let http: HttpClient
let sdk: S3Client

beforeAll(async () => {
  lab = await startLab({ maxCopyBytes: 1_000_000 })
  http = createHttpClient({ env: {}, stallTimeoutMs: 400 })
  lab.addBucket({ name: sourceBucket, owner, region: 'us-east-1' })
  lab.addBucket({
    name: targetBucket,
    owner: targetOwner,
    region: 'us-east-1',
    policy: {
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${owner}:root` },
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${targetBucket}`, `arn:aws:s3:::${targetBucket}/*`],
      },
    },
  })
  sdk = new S3Client({
    endpoint: lab.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: lab.principals.admin,
  })
})
afterAll(async () => {
  sdk.destroy()
  await http.close()
  await lab.stop()
})
beforeEach(() => lab.requests.clear())
afterEach(() => lab.setFaults({}))

function target(storage: StorageOptions = {}, of = targetOwner): CopyTarget {
  return new CopyTarget(
    {
      trail: { bucket: targetBucket, owner: of, region: 'us-east-1', requesterPays: false },
      keys: { current: () => lab.principals.admin, renew: () => Promise.resolve(lab.principals.admin) },
      http,
      pacer: new Pacer({ maxConcurrency: 8 }),
      retry: { maxAttempts: 4, baseDelayMs: 1, maxDelayMs: 5 },
      resolveEndpoint: (name, region) =>
        Promise.resolve({ origin: lab.endpoint, host: new URL(lab.endpoint).host, pathPrefix: `/${name}`, region }),
    },
    storage,
  )
}

function source(key: string, etag = lab.bucket(sourceBucket).get(key)?.etag ?? '') {
  return { bucket: sourceBucket, owner, object: { key, etag } }
}

const digest = {
  metadata: { signature: 'abcd', 'signature-algorithm': 'SHA256withRSA' },
  contentType: 'application/json',
  contentEncoding: 'gzip',
  tags: { team: 'audit' },
} as const

describe('a copy', () => {
  it.each(awkward)('of %j equals a copy by the SDK', async (key) => {
    lab.bucket(sourceBucket).put(key, `body of ${key}`, digest)
    const { etag } = await target().copy(source(key), `wire/${key}`)
    const theirs = await sdk.send(
      new CopyObjectCommand({
        Bucket: targetBucket,
        Key: `sdk/${key}`,
        CopySource: `${sourceBucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
      }),
    )
    const ours = lab.bucket(targetBucket).get(`wire/${key}`)
    const { body, metadata, contentType, contentEncoding, tags } = lab.bucket(targetBucket).get(`sdk/${key}`) ?? {}
    expect(ours).toMatchObject({ body, metadata, contentType, contentEncoding, tags })
    expect(ours).toMatchObject(digest)
    expect(`"${etag}"`).toBe(theirs.CopyObjectResult?.ETag)
  })

  it('is stored as requested and keeps its metadata', async () => {
    lab.bucket(sourceBucket).put('k', 'x', digest)
    const storage = { storageClass: 'GLACIER_IR', tags: { 'a b': 'c+d' }, acl: 'bucket-owner-full-control' }
    await target(storage).copy(source('k'), 'k')
    expect(lab.bucket(targetBucket).get('k')).toMatchObject({ ...storage, metadata: digest.metadata })
  })

  it('requests its encryption', async () => {
    lab.bucket(sourceBucket).put('k', 'x')
    const kmsKey = `arn:aws:kms:us-east-1:${owner}:key/1`
    await target({ encryption: 'aws:kms', kmsKey }).copy(source('k'), 'encrypted')
    const head = await sdk.send(new HeadObjectCommand({ Bucket: targetBucket, Key: 'encrypted' }))
    expect([head.ServerSideEncryption, head.SSEKMSKeyId]).toEqual(['aws:kms', kmsKey])
  })

  it('of an object that was replaced is refused', async () => {
    lab.bucket(sourceBucket).put('k', 'x')
    await expect(target().copy(source('k', '0'.repeat(32)), 'replaced')).rejects.toMatchObject({
      code: 'object.changed',
    })
    expect(lab.bucket(targetBucket).get('replaced')).toBeUndefined()
  })

  it('names the owner of each bucket, and is refused if either differs', async () => {
    lab.bucket(sourceBucket).put('k', 'x')
    await target().copy(source('k'), 'k')
    expect(lab.requests.recent()[0]?.headers).toMatchObject({
      'x-amz-expected-bucket-owner': targetOwner,
      'x-amz-source-expected-bucket-owner': owner,
    })
    const stranger = '999999999999' as AccountId
    await expect(target({}, stranger).copy(source('k'), 'k')).rejects.toMatchObject({ code: 'access.copy-denied' })
    const elsewhere = { ...source('k'), owner: stranger }
    await expect(target().copy(elsewhere, 'k')).rejects.toMatchObject({ code: 'access.copy-denied' })
  })

  it('reports an archived object', async () => {
    lab.bucket(sourceBucket).put('cold', 'x', { storageClass: 'DEEP_ARCHIVE' })
    await expect(target().copy(source('cold'), 'cold')).rejects.toMatchObject({ code: 'object.archived' })
  })

  it('reports a key that no longer exists', async () => {
    await expect(target().copy(source('gone'), 'gone')).rejects.toMatchObject({ code: 'object.gone' })
  })

  it.each(['errorInside200', 'slowDown', 'internalError', 'resetBeforeHeaders', 'emptyBody', 'shortBody'] as const)(
    'is repeated after %s',
    async (fault) => {
      lab.bucket(sourceBucket).put('k', 'again')
      lab.setFaults({ rules: [{ fault, probability: 1, times: 2 }] })
      await target().copy(source('k'), fault)
      expect(lab.bucket(targetBucket).get(fault)?.body.toString()).toBe('again')
      expect(lab.requests.count('CopyObject')).toBe(3)
    },
  )

  it('fails if every 200 contains an error', async () => {
    lab.bucket(sourceBucket).put('k', 'x')
    lab.setFaults({ rules: [{ fault: 'errorInside200', probability: 1 }] })
    await expect(target().copy(source('k'), 'never')).rejects.toMatchObject({
      code: expect.stringMatching(/^bucket\.(server-error|slow-down)$/),
    })
    expect(lab.requests.count('CopyObject')).toBe(4)
  })
})

describe('a put', () => {
  it.each(awkward)("stores the body under %j with the object's own headers", async (key) => {
    const own = { 'content-type': 'application/json', 'content-encoding': 'gzip', 'x-amz-meta-signature': 'abcd' }
    const { etag } = await target({ storageClass: 'STANDARD_IA' }).put(key, Buffer.from(key), own)
    const stored = lab.bucket(targetBucket).get(key)
    expect(stored?.body.toString()).toBe(key)
    expect(stored).toMatchObject({
      etag,
      metadata: { signature: 'abcd' },
      contentType: 'application/json',
      contentEncoding: 'gzip',
      storageClass: 'STANDARD_IA',
    })
  })

  it('returns the version that it created', async () => {
    lab.bucket(targetBucket).versioning = 'Enabled'
    const { versionId } = await target().put('versioned', Buffer.from('x'), {})
    expect(versionId).toBe(lab.bucket(targetBucket).get('versioned')?.versionId)
    lab.bucket(targetBucket).versioning = 'Off'
  })
})

describe('a put that must not replace', () => {
  it('stores a new object', async () => {
    const { etag } = await target().putNew('only-new', Buffer.from('x'), { 'content-type': 'a/b' })
    expect(lab.bucket(targetBucket).get('only-new')).toMatchObject({ etag, contentType: 'a/b' })
  })

  it('keeps the object that exists', async () => {
    lab.bucket(targetBucket).put('taken', 'theirs')
    await expect(target().putNew('taken', Buffer.from('ours'), {})).rejects.toMatchObject({ code: 'object.changed' })
    expect(lab.bucket(targetBucket).get('taken')?.body.toString()).toBe('theirs')
  })

  it('whose first answer is lost finds its own object', async () => {
    lab.setFaults({ rules: [{ fault: 'resetBeforeHeaders', probability: 1, times: 1 }] })
    await expect(target().putNew('lost', Buffer.from('ours'), {})).rejects.toMatchObject({ code: 'object.changed' })
    expect(lab.bucket(targetBucket).get('lost')?.body.toString()).toBe('ours')
  })
})

describe("an object's own headers", () => {
  it('are its content headers and its metadata', () => {
    expect(
      objectHeaders({
        'content-type': 'a/b',
        'content-length': '3',
        'x-amz-meta-signature': 'abcd',
        'x-amz-storage-class': 'GLACIER',
        etag: '"e"',
      }),
    ).toEqual({ 'content-type': 'a/b', 'x-amz-meta-signature': 'abcd' })
  })
})
