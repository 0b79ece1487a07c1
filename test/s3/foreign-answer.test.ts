import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { sessionAnswerLimit } from '../../src/s3/bounded-body.ts'
import { Bucket } from '../../src/s3/bucket.ts'
import { BucketAdmin } from '../../src/s3/bucket-admin.ts'
import { bucketRegion } from '../../src/s3/bucket-region.ts'
import { CopyTarget } from '../../src/s3/copy-target.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import type { HttpClient } from '../../src/s3/http.ts'
import { Pacer } from '../../src/s3/pacer.ts'
import { sdkHttpHandler } from '../../src/s3/sdk-http-handler.ts'
import { paceOf } from '../../src/s3/service-error.ts'
import type { AccountId } from '../../src/trail/account-id.ts'

const servers: Server[] = []
const clients: HttpClient[] = []
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  for (const client of clients) await client.close()
  for (const server of servers) server.close().closeAllConnections()
})

interface Page {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** A machine on the way that answers everything like that, and how often it did. */
async function machine({ status, headers = {}, body = '' }: Page) {
  const seen = { requests: 0 }
  const server = createServer((request, response: ServerResponse) => {
    seen.requests += 1
    request.resume()
    response.writeHead(status, headers).end(body)
  })
  // As a proxy, it opens a tunnel and answers inside of it.
  server.on('connect', (_request, socket) => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    server.emit('connection', socket)
  })
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, seen }
}

const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'the-secret-access-key' }
const keySource = { current: () => keys, renew: () => Promise.resolve(keys) }
const trail = { bucket: 'logs', owner: '111111111111' as AccountId, region: 'us-east-1', requesterPays: false }

/** Two tries for each call. `env` may name a proxy. */
function open(endpoint: string, env: Record<string, string> = {}) {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', endpoint)
  const http = createHttpClient({ env })
  clients.push(http)
  const resolveEndpoint = (_: string, region: string) =>
    Promise.resolve({ origin: endpoint, host: new URL(endpoint).host, pathPrefix: '/logs', region })
  const retry = { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 1 }
  const options = { trail, keys: keySource, http, pacer: new Pacer({ maxConcurrency: 8 }), retry, resolveEndpoint }
  return {
    http,
    bucket: new Bucket(options),
    target: new CopyTarget(options, {}),
    admin: new BucketAdmin({ place: trail, keys: keySource, http, maxAttempts: 2, resolveEndpoint }),
  }
}

const blockPage: Page = {
  status: 403,
  headers: { 'content-type': 'text/html; charset=utf-8', server: 'ExampleGuard/2.1' },
  body: '<!DOCTYPE html><html><head><title> Access\n blocked </title></head><body>no</body></html>',
}
const loginPage: Page = { ...blockPage, status: 200 }
const redirect: Page = { status: 302, headers: { location: 'https://login.example.com/?back=s3&token=t0ken' } }

/** A receiver that takes a body of 10 bytes. */
const tenBytes = () => {
  let bytes = 0
  return {
    start: () => undefined,
    data: (chunk: Buffer) => void (bytes += chunk.length),
    finish: () => {
      if (bytes !== 10) throw new CrosstrailError('object.truncated', 'not ten bytes')
    },
    discard: () => undefined,
  }
}

type Opened = ReturnType<typeof open>

test.each<[string, Page, (opened: Opened) => Promise<unknown>]>([
  ['a block page in place of a listing', blockPage, ({ bucket }) => bucket.listPage({ prefix: '' })],
  ['a login page in place of a listing', loginPage, ({ bucket }) => bucket.listPage({ prefix: '' })],
  ['a redirect in place of a listing', redirect, ({ bucket }) => bucket.listPage({ prefix: '' })],
  ['a block page in place of an object', blockPage, ({ bucket }) => bucket.get({ key: 'k' }, tenBytes)],
  ['a login page in place of an object', loginPage, ({ bucket }) => bucket.get({ key: 'k' }, tenBytes)],
  [
    'a page of 404 in place of an object',
    { ...blockPage, status: 404 },
    ({ bucket }) => bucket.get({ key: 'k' }, tenBytes),
  ],
  [
    'a block page in place of a range',
    blockPage,
    ({ bucket }) => bucket.getRange('k', { start: 0, endInclusive: 9, etag: '' }),
  ],
  ['a login page in place of settings', loginPage, ({ admin }) => admin.protection()],
  ['a redirect in place of what became of a batch', redirect, ({ admin }) => admin.deleteObjects([{ key: 'k' }])],
  ['a redirect in place of a bucket’s region', redirect, ({ http }) => bucketRegion('logs', 'aws', http)],
  [
    'a page that a HEAD announces',
    { status: 403, headers: { 'content-type': 'text/html', 'content-length': '99' } },
    ({ admin }) => admin.head('k'),
  ],
  ['text that calls itself HTML', { ...blockPage, body: 'Blocked' }, ({ bucket }) => bucket.listPage({ prefix: '' })],
  ['a demand to sign in at a proxy', { status: 407 }, ({ bucket }) => bucket.listPage({ prefix: '' })],
])('%s is told as that', async (_, page, call) => {
  const { url } = await machine(page)
  await expect(call(open(url))).rejects.toMatchObject({
    code: 'network.foreign-answer',
    facts: { status: page.status },
  })
})

test('a login page that takes an upload stores nothing', async () => {
  const { url } = await machine(loginPage)
  const put = open(url).target.put('k', Buffer.from('x'), {})
  await expect(put).rejects.toMatchObject({ code: 'network.foreign-answer' })
})

test('it says what answered, and not what the address of the page holds', async () => {
  const { url } = await machine({ ...blockPage, status: 302, headers: { ...blockPage.headers, ...redirect.headers } })
  const error: unknown = await open(url)
    .bucket.listPage({ prefix: 'AWSLogs/' })
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    message: `the answer to ListObjectsV2 of s3://logs/AWSLogs/ is not from AWS: 302 (Server "ExampleGuard/2.1", title "Access blocked", redirect to "https://login.example.com/") from ${url}`,
    hint: expect.stringContaining(`allow ${new URL(url).host} there`),
  })
})

test('it names the proxy on the way', async () => {
  const { url } = await machine(blockPage)
  const { bucket } = open('http://s3.example.com', { HTTP_PROXY: url })
  await expect(bucket.listPage({ prefix: '' })).rejects.toMatchObject({
    message: expect.stringContaining(`from http://s3.example.com through the proxy ${url}`),
    facts: { proxy: url },
  })
})

test('a 407 says where the password is written', async () => {
  const { url } = await machine({ status: 407 })
  await expect(open(url).bucket.listPage({ prefix: '' })).rejects.toMatchObject({
    hint: expect.stringContaining('http://user:password@host:port'),
  })
})

test('a page of STS is told as that', async () => {
  const { url } = await machine(blockPage)
  const handler = sdkHttpHandler(open(url).http, { limit: sessionAnswerLimit })
  const { hostname, port } = new URL(url)
  const request = { method: 'POST', protocol: 'http:', hostname, port: Number(port), path: '/', headers: {}, body: 'x' }
  await expect(handler.handle(request)).rejects.toMatchObject({ code: 'network.foreign-answer' })
})

test.each([
  [200, 2],
  [503, 2],
  // Asked for once more over a new connection, as every answer that ends an object.
  [403, 2],
])('a page with %i is asked for %i times', async (status, times) => {
  const { url, seen } = await machine({ ...blockPage, status })
  const error: unknown = await open(url)
    .bucket.listPage({ prefix: '' })
    .catch((thrown: unknown) => thrown)
  expect(seen.requests).toBe(times)
  expect(paceOf(error)).toBe(status === 503 ? 'slow-down' : 'unknown')
})

test.each<[string, Page, string]>([
  [
    'S3',
    { status: 403, headers: { 'x-amz-request-id': 'r', 'content-type': 'text/html' }, body: '<html>' },
    'access.list-denied',
  ],
  [
    'a store without marks',
    { status: 403, body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>' },
    'access.list-denied',
  ],
  [
    'a store that redirects',
    { status: 307, body: '<Error><Code>TemporaryRedirect</Code></Error>' },
    'bucket.elsewhere',
  ],
  ['a store without a document', { status: 403 }, 'access.list-denied'],
])('an answer of %s is no foreign one', async (_, page, code) => {
  const { url } = await machine(page)
  await expect(open(url).bucket.listPage({ prefix: '' })).rejects.toMatchObject({ code })
})
