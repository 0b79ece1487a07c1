import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { Bucket } from '../../src/s3/bucket.ts'
import { BucketAdmin } from '../../src/s3/bucket-admin.ts'
import { refusalLimit, s3AnswerLimit, sessionAnswerLimit } from '../../src/s3/bounded-body.ts'
import type { CallsOptions } from '../../src/s3/calls.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { Pacer } from '../../src/s3/pacer.ts'
import { listOwnBuckets } from '../../src/s3/sdk.ts'
import { sdkHttpHandler } from '../../src/s3/sdk-http-handler.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { type EndlessServer, endlessServer } from '../endless-server.ts'

const http = createHttpClient({ env: {} })
afterAll(() => http.close())
afterEach(() => vi.unstubAllEnvs())

const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'the-secret-access-key' }
const keySource = { current: () => keys, renew: () => Promise.resolve(keys) }
const place = { bucket: 'logs', owner: '111111111111' as AccountId, region: 'us-east-1', requesterPays: false }

/** Each call has two attempts. */
function open({ endpoint }: EndlessServer, emptyPages?: CallsOptions['emptyPages']) {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', endpoint)
  const resolveEndpoint = (_: string, region: string) =>
    Promise.resolve({ origin: endpoint, host: new URL(endpoint).host, pathPrefix: '/logs', region })
  const pacer = new Pacer({ maxConcurrency: 8 })
  const retry = { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 1 }
  return {
    bucket: new Bucket({ trail: place, keys: keySource, http, pacer, retry, resolveEndpoint, emptyPages }),
    admin: new BucketAdmin({ place, keys: keySource, http, maxAttempts: 2, resolveEndpoint, emptyPages }),
  }
}

/** A receiver that accepts any object. */
const anyBody = () => ({
  start: () => undefined,
  data: () => undefined,
  finish: () => undefined,
  discard: () => undefined,
})

type Opened = ReturnType<typeof open>

test.each<[string, number, (opened: Opened) => Promise<unknown>, number]>([
  ['a page of a listing', 200, ({ bucket }) => bucket.listPage({ prefix: '' }), s3AnswerLimit.maxBytes],
  ['a refusal of a listing', 500, ({ bucket }) => bucket.listPage({ prefix: '' }), s3AnswerLimit.maxBytes],
  ['a refusal of an object', 500, ({ bucket }) => bucket.get({ key: 'k' }, anyBody), refusalLimit.maxBytes],
  [
    'a refusal of a range',
    500,
    ({ bucket }) => bucket.getRange('k', { start: 0, endInclusive: 9, etag: '' }),
    refusalLimit.maxBytes,
  ],
  ['a page of versions', 200, ({ admin }) => admin.versionPage({ prefix: '' }), s3AnswerLimit.maxBytes],
  ['the result of a batch', 200, ({ admin }) => admin.deleteObjects([{ key: 'k' }]), s3AnswerLimit.maxBytes],
  ['settings of a bucket', 200, ({ admin }) => admin.protection(), s3AnswerLimit.maxBytes],
])('reads an endless answer with %s up to its limit and closes the connection', async (_, status, call, maxBytes) => {
  await using server = await endlessServer(() => status)
  await expect(call(open(server))).rejects.toMatchObject({ code: 'bucket.answer-too-large' })
  const { sentBytes, requests } = server
  // The server may have sent more than was read: the buffers of both sides.
  expect(sentBytes).toBeLessThan(requests * (maxBytes + 16 * 1024 * 1024))
  await expect.poll(() => server.connections).toBe(0)
})

test('reads an endless list of buckets up to its limit', async () => {
  await using server = await endlessServer(() => 200)
  open(server)
  await expect(listOwnBuckets(keySource, http, 'us-east-1')).rejects.toMatchObject({ code: 'bucket.answer-too-large' })
})

test('an answer with credentials has its own limit', async () => {
  await using server = await endlessServer(() => 200)
  const { hostname, port } = new URL(server.endpoint)
  const request = { method: 'POST', protocol: 'http:', hostname, port: Number(port), path: '/', headers: {}, body: 'x' }
  const handler = sdkHttpHandler(http, { limit: sessionAnswerLimit })
  await expect(handler.handle(request)).rejects.toMatchObject({
    code: 'network.answer-too-large',
    message: `the answer to POST ${server.endpoint}/ is larger than 1024 KiB`,
    $retryable: expect.anything(),
  })
})

test('accepts an answer within its limit in any number of pieces', async () => {
  const keyCount = 900
  const entries = Array.from(
    { length: keyCount },
    (_, serial) =>
      `<Contents><Key>${String(serial).padStart(4, '0')}${'%C3%A4'.repeat(500)}</Key><LastModified>2026-11-01T12:30:00.000Z</LastModified><Size>1</Size></Contents>`,
  )
  const xml = `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${entries.join('')}</ListBucketResult>`
  expect(xml.length).toBeGreaterThan(2.5e6)
  await using server = await endlessServer((_request, response) => void response.end(xml))
  expect((await open(server).bucket.listPage({ prefix: '' })).objects).toHaveLength(keyCount)
})

const emptyPage = (token: string) =>
  `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken></ListBucketResult>`
const fullPage =
  '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>k</Key><LastModified>2026-11-01T12:30:00.000Z</LastModified><Size>1</Size></Contents></ListBucketResult>'

test('skips empty pages and returns the next page with entries', async () => {
  let pages = 0
  await using server = await endlessServer((_, response) => {
    response.end(++pages <= 3 ? emptyPage(`t${pages}`) : fullPage)
    return undefined
  })
  const { objects } = await open(server, { mostPages: 4, mostMs: 60_000 }).bucket.listPage({ prefix: '' })
  expect(objects.map(({ key }) => key)).toEqual(['k'])
})

test('a listing of endless empty pages ends with an error', async () => {
  let pages = 0
  await using server = await endlessServer((_, response) => void response.end(emptyPage(`t${++pages}`)))
  const { bucket } = open(server, { mostPages: 20, mostMs: 60_000 })
  await expect(bucket.listPage({ prefix: 'a/' })).rejects.toMatchObject({ code: 'bucket.endless-listing' })
  expect(server.requests).toBe(20)
})

test('a listing of versions with endless empty pages ends with an error', async () => {
  let pages = 0
  await using server = await endlessServer((_, response) => {
    const next = `<NextKeyMarker>k${++pages}</NextKeyMarker>`
    return void response.end(`<ListVersionsResult><IsTruncated>true</IsTruncated>${next}</ListVersionsResult>`)
  })
  const { admin } = open(server, { mostPages: 20, mostMs: 60_000 })
  await expect(admin.versionPage({ prefix: '' })).rejects.toMatchObject({ code: 'bucket.endless-listing' })
  expect(server.requests).toBe(20)
})
