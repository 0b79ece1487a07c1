import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  S3Client,
  type StorageClass,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bucket, ListRequest } from '../../../src/s3/bucket.ts'
import type { ListPage } from '../../../src/s3/list-page.ts'
import { awkwardKeys } from './awkward-keys.ts'
import { makeAccounts, putLogs, type RgwAccounts } from './rgw-accounts.ts'
import { describeWithRgw, startRgw, type RgwServer } from './rgw-server.ts'
import { rgwSessions, wholeBody, type RgwSessions } from './rgw-sessions.ts'

const inParts = 'odd/in parts'
const coldKeys = { GLACIER: 'odd/cold', INTELLIGENT_TIERING: 'odd/tiered' } as const
const oddKeys = [...awkwardKeys, inParts, ...Object.values(coldKeys)]
const manyKeys = Array.from({ length: 2100 }, (_, index) => `many/${index % 7}/${String(index).padStart(5, '0')} +%`)

describeWithRgw("crosstrail's S3 client compared with the SDK on a real S3", () => {
  let server: RgwServer
  let accounts: RgwAccounts
  let sessions: RgwSessions
  let bucket: Bucket
  let sdk: S3Client

  beforeAll(async () => {
    server = await startRgw(['GLACIER', 'INTELLIGENT_TIERING'])
    accounts = await makeAccounts(server)
    sessions = rgwSessions(accounts)
    const session = await sessions.open(sessions.account('Z'))
    const { accessKeyId, secretAccessKey, sessionToken = '' } = await session.current()
    const { endpoint, region } = accounts
    bucket = sessions.bucket(session)
    sdk = new S3Client({
      endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
      forcePathStyle: true,
    })
    for (const key of awkwardKeys) await put(key)
    await putLogs(accounts, new Map(manyKeys.map((key) => [key, Buffer.alloc(0)])))
    await putInParts(inParts)
    await put(coldKeys.GLACIER, 'GLACIER')
    await put(coldKeys.INTELLIGENT_TIERING, 'INTELLIGENT_TIERING')
  })

  afterAll(async () => {
    sdk?.destroy()
    await sessions?.close()
    await server?.stop()
  })

  describe('a listing', () => {
    it('has each awkward key as it was put', async () => {
      const { objects } = await bucket.listPage({ prefix: 'odd/' })
      expect(objects.map(({ key }) => key)).toEqual([...oddKeys].sort(byUtf8))
    })

    it.each(Object.entries(coldKeys))('names the storage class %s', async (storageClass, key) => {
      const { objects } = await bucket.listPage({ prefix: key })
      expect(objects).toEqual([expect.objectContaining({ key, storageClass })])
    })

    it.each<[string, ListRequest]>([
      ['under a prefix', { prefix: 'odd/' }],
      ['of the whole bucket', { prefix: '' }],
      ['of nothing', { prefix: 'none/' }],
      ['with folders', { prefix: 'odd/', delimiter: '/' }],
      ['with folders at the top', { prefix: '', delimiter: '/' }],
      ['of the folders in an awkward folder', { prefix: 'odd/a/b c/+/', delimiter: '/' }],
      ['after a key', { prefix: 'odd/', startAfter: 'odd/a%252Fb' }],
      ['after a key, with folders', { prefix: 'many/', startAfter: 'many/3/', delimiter: '/' }],
      ['after a name that is no key', { prefix: 'odd/', startAfter: 'odd/a+b\u0001 &%' }],
      ['after the last key', { prefix: 'odd/', startAfter: 'odd/\u{10ffff}~' }],
    ])('%s equals that of the SDK', async (_, request) => {
      expect(shown(await bucket.listPage(request))).toEqual(await sdkPage(request))
    })

    it('under and after each awkward key equals that of the SDK', async () => {
      for (const key of oddKeys) {
        for (const request of [{ prefix: key }, { prefix: 'odd/', startAfter: key }]) {
          expect(shown(await bucket.listPage(request)), JSON.stringify(request)).toEqual(await sdkPage(request))
        }
      }
    })

    it.each<[number, ListRequest]>([
      [1, { prefix: 'odd/' }],
      [7, { prefix: 'odd/' }],
      [1, { prefix: 'odd/', delimiter: '/' }],
      [3, { prefix: 'odd/a/', delimiter: '/' }],
      [100, { prefix: 'many/2/' }],
    ])("continues from each token of the SDK's pages of %i as the SDK does: %j", async (MaxKeys, request) => {
      const tokens = await sdkTokens(request, MaxKeys)
      expect(tokens).not.toHaveLength(0)
      for (const token of tokens) {
        expect(shown(await bucket.listPage({ ...request, token })), token).toEqual(await sdkPage({ ...request, token }))
      }
    })

    it.each([3, 100, 999, 1000])('of all pages equals what the SDK reads in pages of %i', async (MaxKeys) => {
      const prefix = MaxKeys < 10 ? 'odd/' : 'many/'
      expect(await joined((token) => bucket.listPage({ prefix, token }).then(shown))).toEqual(
        await joined((token) => sdkPage({ prefix, token }, { MaxKeys })),
      )
    })

    it('of all pages has every key once, in the order of UTF-8 bytes', async () => {
      const all = await joined((token) => bucket.listPage({ prefix: '', token }).then(shown))
      expect(all.map(({ key }) => key)).toEqual([...manyKeys, ...oddKeys].sort(byUtf8))
    })

    it('after any key begins with the next key', async () => {
      const sorted = [...manyKeys, ...oddKeys].sort(byUtf8)
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: sorted.length - 2 }), async (at) => {
          const { objects } = await bucket.listPage({ prefix: '', startAfter: sorted[at] })
          expect(objects[0]?.key).toBe(sorted[at + 1])
        }),
        { numRuns: 20 },
      )
    })
  })

  describe('a get', () => {
    it('of each awkward key gives the same body and headers', async () => {
      for (const key of oddKeys) {
        const { body, headers } = await wireGet(key)
        const answer = await sdk.send(new GetObjectCommand({ Bucket: accounts.bucket, Key: key }))
        expect(body.toString()).toBe(`body of ${key}`)
        expect({
          body,
          etag: headers['etag'],
          size: headers['content-length'],
          lastModifiedMs: Date.parse(String(headers['last-modified'])),
        }).toEqual({
          body: Buffer.from((await answer.Body?.transformToByteArray()) ?? []),
          etag: answer.ETag,
          size: String(answer.ContentLength),
          lastModifiedMs: answer.LastModified?.getTime(),
        })
      }
    })

    it('of a key that does not exist says that it is gone', async () => {
      for (const key of ['odd/none', 'odd/none %2F+ü\u0001']) {
        await expect(bucket.get({ key }, wholeBody)).rejects.toMatchObject({ code: 'object.gone' })
      }
    })
  })

  it('lists and reads any key as it was put', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(anyKeyTail, async (tail) => {
        const key = `any/${run++}/${tail}`
        await putLogs(accounts, new Map([[key, Buffer.from(key)]]))
        expect(shown(await bucket.listPage({ prefix: key }))).toEqual(await sdkPage({ prefix: key }))
        expect((await bucket.listPage({ prefix: key })).objects.map((object) => object.key)).toEqual([key])
        expect((await bucket.get({ key }, wholeBody)).toString()).toBe(key)
      }),
      { numRuns: 60 },
    )
  })

  function put(key: string, storageClass?: StorageClass): Promise<void> {
    return putLogs(accounts, new Map([[key, Buffer.from(`body of ${key}`)]]), storageClass)
  }

  async function wireGet(key: string) {
    let headers: Readonly<Record<string, unknown>> = {}
    const body = await bucket.get({ key }, () => ({ ...wholeBody(), start: (given) => void (headers = given) }))
    return { body, headers }
  }

  function sdkAnswer(request: ListRequest, more: Partial<ListObjectsV2CommandInput> = {}) {
    return sdk.send(
      new ListObjectsV2Command({
        Bucket: accounts.bucket,
        Prefix: request.prefix,
        Delimiter: request.delimiter,
        StartAfter: request.startAfter,
        ContinuationToken: request.token,
        // Without this the SDK's parser stops at control characters.
        EncodingType: 'url',
        ...more,
      }),
    )
  }

  async function sdkPage(request: ListRequest, more: Partial<ListObjectsV2CommandInput> = {}): Promise<ShownPage> {
    const answer = await sdkAnswer(request, more)
    return {
      objects: (answer.Contents ?? []).map(({ Key, Size, ETag, LastModified, StorageClass }) => ({
        key: decodeURIComponent(String(Key)),
        sizeBytes: Size,
        etag: ETag?.replaceAll('"', ''),
        lastModifiedMs: LastModified?.getTime(),
        storageClass: StorageClass,
      })),
      commonPrefixes: (answer.CommonPrefixes ?? []).map(({ Prefix }) => decodeURIComponent(String(Prefix))),
      nextToken: answer.IsTruncated === true ? answer.NextContinuationToken : undefined,
    }
  }

  async function sdkTokens(request: ListRequest, MaxKeys: number): Promise<string[]> {
    const tokens: string[] = []
    for (let token: string | undefined; ; tokens.push(token)) {
      const page = await sdkPage({ ...request, token }, { MaxKeys })
      if (page.nextToken === undefined) return tokens
      token = page.nextToken
    }
  }

  async function putInParts(key: string): Promise<void> {
    const upload = { Bucket: accounts.bucket, Key: key }
    const { UploadId } = await sdk.send(new CreateMultipartUploadCommand(upload))
    const part = { ...upload, UploadId, PartNumber: 1, Body: `body of ${key}` }
    const { ETag } = await sdk.send(new UploadPartCommand(part))
    const parts = { Parts: [{ ETag, PartNumber: 1 }] }
    await sdk.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: parts }))
  }
})

/** A page in a form that both sides can produce. */
interface ShownPage {
  readonly objects: readonly Readonly<Record<string, unknown>>[]
  readonly commonPrefixes: readonly string[]
  readonly nextToken: string | undefined
}

function shown({ objects, commonPrefixes, nextToken }: ListPage): ShownPage {
  return { objects: objects.map((object) => ({ ...object })), commonPrefixes, nextToken }
}

async function joined(pageAt: (token: string | undefined) => Promise<ShownPage>): Promise<ShownPage['objects']> {
  const objects = []
  let token: string | undefined
  do {
    const page = await pageAt(token)
    objects.push(...page.objects)
    token = page.nextToken
  } while (token !== undefined)
  return objects
}

/** Keys of at most 1,000 bytes without NUL, because RGW uses C strings. */
const anyKeyTail = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 60 })
  .map((text) => text.replaceAll('\0', ''))
  .filter((text) => text !== '')

function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
