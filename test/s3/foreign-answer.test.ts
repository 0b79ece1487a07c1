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

/** A machine in between that answers every request with the same page, and counts the requests. */
async function machine({ status, headers = {}, body = '' }: Page) {
  const seen = { requests: 0 }
  const server = createServer((request, response: ServerResponse) => {
    seen.requests += 1
    request.resume()
    response.writeHead(status, headers).end(body)
  })
  // As a proxy, it opens a tunnel and answers inside it.
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

/** Each call has two attempts. `env` may name a proxy. */
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

/** A receiver that accepts a body of 10 bytes. */
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
  ['a block page instead of a listing', blockPage, ({ bucket }) => bucket.listPage({ prefix: '' })],
  ['a login page instead of a listing', loginPage, ({ bucket }) => bucket.listPage({ prefix: '' })],
  ['a redirect instead of a listing', redirect, ({ bucket }) => bucket.listPage({ prefix: '' })],
  ['a block page instead of an object', blockPage, ({ bucket }) => bucket.get({ key: 'k' }, tenBytes)],
  ['a login page instead of an object', loginPage, ({ bucket }) => bucket.get({ key: 'k' }, tenBytes)],
  [
    'a page with 404 instead of an object',
    { ...blockPage, status: 404 },
    ({ bucket }) => bucket.get({ key: 'k' }, tenBytes),
  ],
  [
    'a block page instead of a range',
    blockPage,
    ({ bucket }) => bucket.getRange('k', { start: 0, endInclusive: 9, etag: '' }),
  ],
  ['a login page instead of settings', loginPage, ({ admin }) => admin.protection()],
  ['a redirect instead of the result of a batch', redirect, ({ admin }) => admin.deleteObjects([{ key: 'k' }])],
  ['a redirect instead of a bucket’s region', redirect, ({ http }) => bucketRegion('logs', 'aws', http)],
  [
    'a page that a HEAD announces',
    { status: 403, headers: { 'content-type': 'text/html', 'content-length': '99' } },
    ({ admin }) => admin.head('k'),
  ],
  [
    'text with the content type HTML',
    { ...blockPage, body: 'Blocked' },
    ({ bucket }) => bucket.listPage({ prefix: '' }),
  ],
  ['the sign-in request of a proxy', { status: 407 }, ({ bucket }) => bucket.listPage({ prefix: '' })],
])('recognizes %s', async (_, page, call) => {
  const { url } = await machine(page)
  await expect(call(open(url))).rejects.toMatchObject({
    code: 'network.foreign-answer',
    facts: { status: page.status },
  })
})

test('a login page that accepts an upload stores nothing', async () => {
  const { url } = await machine(loginPage)
  const put = open(url).target.put('k', Buffer.from('x'), {})
  await expect(put).rejects.toMatchObject({ code: 'network.foreign-answer' })
})

test("the message says what answered, without the query of the page's address", async () => {
  const { url } = await machine({ ...blockPage, status: 302, headers: { ...blockPage.headers, ...redirect.headers } })
  const error: unknown = await open(url)
    .bucket.listPage({ prefix: 'AWSLogs/' })
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    message: `the answer to ListObjectsV2 of s3://logs/AWSLogs/ is not from AWS: 302 (Server "ExampleGuard/2.1", title "Access blocked", redirect to "https://login.example.com/") from ${url}`,
    hint: expect.stringContaining(`allow ${new URL(url).host} there`),
  })
})

test('the message names the proxy in between', async () => {
  const { url } = await machine(blockPage)
  const { bucket } = open('http://s3.example.com', { HTTP_PROXY: url })
  await expect(bucket.listPage({ prefix: '' })).rejects.toMatchObject({
    message: expect.stringContaining(`from http://s3.example.com through the proxy ${url}`),
    facts: { proxy: url },
  })
})

test('the hint for a 407 says where to write the password', async () => {
  const { url } = await machine({ status: 407 })
  await expect(open(url).bucket.listPage({ prefix: '' })).rejects.toMatchObject({
    hint: expect.stringContaining('http://user:password@host:port'),
  })
})

test('recognizes a page instead of an answer of STS', async () => {
  const { url } = await machine(blockPage)
  const handler = sdkHttpHandler(open(url).http, { limit: sessionAnswerLimit })
  const { hostname, port } = new URL(url)
  const request = { method: 'POST', protocol: 'http:', hostname, port: Number(port), path: '/', headers: {}, body: 'x' }
  await expect(handler.handle(request)).rejects.toMatchObject({ code: 'network.foreign-answer' })
})

test.each([
  [200, 2],
  [503, 2],
  // Requested once more over a new connection, like every final answer about an object.
  [403, 2],
])('requests a page with %i %i times', async (status, times) => {
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
])('does not reject an answer of %s', async (_, page, code) => {
  const { url } = await machine(page)
  await expect(open(url).bucket.listPage({ prefix: '' })).rejects.toMatchObject({ code })
})
