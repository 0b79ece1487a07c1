import { S3Client, paginateListObjectsV2 } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { everyFault } from '../../src/lab/faults.ts'
import { labBucket } from '../../src/lab/fixture.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import type { BodyReceiver } from '../../src/s3/body-receiver.ts'
import { Bucket } from '../../src/s3/bucket.ts'
import type { CallsOptions } from '../../src/s3/calls.ts'
import type { SigningKeys } from '../../src/s3/key-source.ts'
import { type HttpClient, joinChunks } from '../../src/s3/http.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { Pacer } from '../../src/s3/pacer.ts'
import { compareKeys } from '../../src/trail/key-order.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { awkward } from './awkward.ts'

const owner = '111111111111' as AccountId
let lab: Lab
let http: HttpClient

beforeAll(async () => {
  lab = await startLab()
  http = createHttpClient({ env: {}, stallTimeoutMs: 400 })
})
afterAll(async () => {
  await http.close()
  await lab.stop()
})
beforeEach(() => {
  for (const key of lab.bucket().keys()) lab.bucket().delete(key)
  lab.requests.clear()
})
afterEach(() => lab.setFaults({}))

interface Made {
  readonly bucket: Bucket
  readonly renewed: SigningKeys[]
  readonly regions: string[]
}

function open(options: Partial<CallsOptions> & { name?: string } = {}): Made {
  const renewed: SigningKeys[] = []
  const regions: string[] = []
  const { name = labBucket, ...rest } = options
  const bucket = new Bucket({
    trail: { bucket: name, owner, region: 'us-east-1', requesterPays: false },
    keys: {
      current: () => lab.principals.admin,
      renew: (refused) => {
        renewed.push(refused)
        return Promise.resolve(lab.principals.admin)
      },
    },
    http,
    pacer: new Pacer({ maxConcurrency: 32 }),
    retry: { maxAttempts: 12, baseDelayMs: 1, maxDelayMs: 20 },
    resolveEndpoint: (bucketName, region) =>
      Promise.resolve({ origin: lab.endpoint, host: new URL(lab.endpoint).host, pathPrefix: `/${bucketName}`, region }),
    onRegionFound: (region) => regions.push(region),
    ...rest,
  })
  return { bucket, renewed, regions }
}

/** Collects a body of known length, as a careful caller does. */
function holding(sizeBytes: number): () => BodyReceiver<Buffer> {
  return () => {
    const chunks: Buffer[] = []
    return {
      start: () => undefined,
      data: (chunk) => void chunks.push(chunk),
      finish: () => {
        const body = joinChunks(chunks)
        if (body.length !== sizeBytes) throw new Error(`${body.length} bytes came through`)
        return body
      },
      discard: () => undefined,
    }
  }
}

describe('a bucket', () => {
  it('lists the same pages as the SDK for any keys', async () => {
    for (const key of awkward) lab.bucket().put(key, key)
    const { objects } = await open().bucket.listPage({ prefix: '' })
    expect(objects.map(({ key }) => key)).toEqual([...awkward].sort(compareKeys))
    const sdk = new S3Client({
      endpoint: lab.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: lab.principals.admin,
    })
    const theirs = []
    for await (const page of paginateListObjectsV2({ client: sdk, pageSize: 3 }, { Bucket: labBucket }))
      theirs.push(...(page.Contents ?? []))
    expect(objects.map(({ key, sizeBytes, etag }) => [key, sizeBytes, `"${etag}"`])).toEqual(
      theirs.map(({ Key, Size, ETag }) => [Key, Size, ETag]),
    )
    sdk.destroy()
  })

  it('gets any key', async () => {
    for (const key of awkward) {
      lab.bucket().put(key, `body of ${key}`)
      const body = await open().bucket.get({ key }, holding(Buffer.byteLength(`body of ${key}`)))
      expect(body.toString()).toBe(`body of ${key}`)
    }
  })

  it('follows tokens through all pages', async () => {
    const keys = Array.from({ length: 2500 }, (_, index) => `k${String(index).padStart(5, '0')}`)
    lab.bucket().putShared(keys, 'x')
    const { bucket } = open()
    const seen: string[] = []
    let token: string | undefined
    do {
      const page = await bucket.listPage({ prefix: 'k', startAfter: seen.at(-1), token })
      seen.push(...page.objects.map(({ key }) => key))
      token = page.nextToken
    } while (token !== undefined)
    expect(seen).toEqual(keys)
  })

  it('names the expected owner with every request', async () => {
    lab.bucket().put('k', 'x')
    const { bucket } = open()
    await bucket.listPage({ prefix: '' })
    await bucket.get({ key: 'k' }, holding(1))
    const owners = lab.requests.recent().map(({ headers }) => headers['x-amz-expected-bucket-owner'])
    expect(owners).toEqual([owner, owner])
  })

  it('of another owner is refused with a hint what to check', async () => {
    const { bucket } = open({
      trail: { bucket: labBucket, owner: '999999999999' as AccountId, region: 'us-east-1', requesterPays: false },
    })
    await expect(bucket.listPage({ prefix: '' })).rejects.toMatchObject({
      code: 'access.list-denied',
      hint: expect.stringContaining('trail.owner (999999999999)'),
    })
  })

  it('that does not exist is named', async () => {
    await expect(open({ name: 'no-such-bucket-here' }).bucket.listPage({ prefix: '' })).rejects.toMatchObject({
      code: 'bucket.not-found',
    })
  })

  it('reports a key that no longer exists', async () => {
    await expect(open().bucket.get({ key: 'gone' }, holding(1))).rejects.toMatchObject({ code: 'object.gone' })
  })

  it('reports an archived object', async () => {
    lab.bucket().put('k', 'x', { storageClass: 'GLACIER' })
    await expect(open().bucket.get({ key: 'k' }, holding(1))).rejects.toMatchObject({ code: 'object.archived' })
  })

  it('gets the requester-pays header only if the config says so', async () => {
    lab.addBucket({ name: 'paid-by-requester', owner, region: 'us-east-1', requesterPays: true }).put('k', 'x')
    await expect(open({ name: 'paid-by-requester' }).bucket.listPage({ prefix: '' })).rejects.toMatchObject({
      code: 'access.list-denied',
    })
    const { bucket } = open({ trail: { bucket: 'paid-by-requester', owner, region: 'us-east-1', requesterPays: true } })
    expect((await bucket.listPage({ prefix: '' })).objects.length).toBe(1)
  })

  it('in another region is found there once and reported', async () => {
    lab.addBucket({ name: 'far-away-logs', owner, region: 'eu-central-1' }).put('k', 'x')
    const { bucket, regions } = open({ name: 'far-away-logs' })
    await Promise.all(Array.from({ length: 5 }, () => bucket.listPage({ prefix: '' })))
    await bucket.get({ key: 'k' }, holding(1))
    expect(regions).toEqual(['eu-central-1'])
  })
})

describe('a call that fails temporarily', () => {
  it.each([
    'slowDown',
    'internalError',
    'resetBeforeHeaders',
    'resetMidBody',
    'shortBody',
    'stall',
    'errorInside200',
    'malformedXml',
    'truncatedXml',
    'emptyBody',
    'otherListing',
  ] as const)('is repeated after %s: a listing', async (fault) => {
    lab.bucket().putShared(['a', 'b', 'c'], 'x')
    lab.setFaults({ rules: [{ fault, probability: 1, times: 2 }] })
    const { objects } = await open().bucket.listPage({ prefix: '' })
    expect(objects.map(({ key }) => key)).toEqual(['a', 'b', 'c'])
    expect(lab.requests.count('ListObjectsV2')).toBe(3)
  })

  it.each(['slowDown', 'internalError', 'resetBeforeHeaders', 'resetMidBody', 'shortBody', 'stall'] as const)(
    'is repeated after %s: a get',
    async (fault) => {
      lab.bucket().put('k', 'a body of some length')
      lab.setFaults({ rules: [{ fault, probability: 1, times: 2 }] })
      const body = await open().bucket.get({ key: 'k' }, holding(21))
      expect(body.toString()).toBe('a body of some length')
    },
  )

  it('is repeated if a page repeats its token, and fails if that continues', async () => {
    lab.bucket().putShared(
      Array.from({ length: 1500 }, (_, index) => `k${index}`),
      'x',
    )
    const { bucket } = open()
    const first = await bucket.listPage({ prefix: '' })
    lab.setFaults({ rules: [{ fault: 'repeatedToken', probability: 1, times: 2 }] })
    const next = { prefix: '', token: first.nextToken, startAfter: first.objects.at(-1)?.key }
    expect((await bucket.listPage(next)).objects.length).toBe(500)
    lab.setFaults({ rules: [{ fault: 'repeatedToken', probability: 1 }] })
    await expect(bucket.listPage(next)).rejects.toMatchObject({ code: 'bucket.listing-loops' })
  })

  it.each([{ prefix: 'a/' }, { prefix: 'none/' }, { prefix: '' }, { prefix: '', delimiter: '/' as const }])(
    'fails if every page is of another listing, whatever it contains: %j',
    async (request) => {
      lab.bucket().putShared(['a/1', 'a/2', 'b/1'], 'x')
      lab.setFaults({ rules: [{ fault: 'otherListing', probability: 1 }] })
      await expect(open().bucket.listPage(request)).rejects.toMatchObject({ code: 'bucket.wrong-page' })
      expect(lab.requests.count('ListObjectsV2')).toBe(12)
    },
  )

  it('fails in the end if every attempt fails', async () => {
    lab.setFaults({ rules: [{ fault: 'internalError', probability: 1 }] })
    await expect(open().bucket.listPage({ prefix: '' })).rejects.toMatchObject({ code: 'bucket.server-error' })
    expect(lab.requests.count('ListObjectsV2')).toBe(12)
  })

  it('is repeated with a new session after the old one expired', async () => {
    lab.bucket().put('k', 'x')
    lab.setFaults({ rules: [{ fault: 'expiredToken', probability: 1, times: 1 }] })
    const { bucket, renewed } = open()
    await bucket.get({ key: 'k' }, holding(1))
    expect(renewed).toEqual([lab.principals.admin])
  })

  it('fails without a loop if the session stays expired', async () => {
    lab.setFaults({ rules: [{ fault: 'expiredToken', probability: 1 }] })
    await expect(open().bucket.listPage({ prefix: '' })).rejects.toMatchObject({ code: 'access.session-expired' })
  })

  it('is slowed down if the server refuses call after call', async () => {
    lab.bucket().put('k', 'x')
    lab.setFaults({ rules: [{ fault: 'slowDown', probability: 1, times: 25 }] })
    const pacer = new Pacer({ maxConcurrency: 64, initialConcurrency: 32, worthWith: (limit) => limit })
    const { bucket } = open({ pacer })
    await Promise.all(Array.from({ length: 25 }, () => bucket.get({ key: 'k' }, holding(1))))
    expect(pacer.limit).toBe(16)
  })

  it('completes every listing with all faults at once', async () => {
    const keys = Array.from({ length: 3000 }, (_, index) => `k${String(index).padStart(5, '0')}`)
    lab.bucket().putShared(keys, 'x')
    lab.setFaults(everyFault(0.05))
    const { bucket } = open()
    for (let round = 0; round < 5; round++) {
      const seen: string[] = []
      let token: string | undefined
      do {
        const page = await bucket.listPage({ prefix: 'k', startAfter: seen.at(-1), token })
        seen.push(...page.objects.map(({ key }) => key))
        token = page.nextToken
      } while (token !== undefined)
      expect(seen).toEqual(keys)
    }
  })
})
