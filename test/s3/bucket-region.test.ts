import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { labAccounts, labBucket } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { bucketRegion } from '../../src/s3/bucket-region.ts'
import type { HttpClient } from '../../src/s3/http.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'

afterEach(() => vi.unstubAllEnvs())

function client(): HttpClient {
  const http = createHttpClient({ env: {}, connectTimeoutMs: 1_000, stallTimeoutMs: 1_000 })
  onTestFinished(() => http.close())
  return http
}

async function answering(listener: RequestListener): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

it('finds the region of any bucket without keys', async () => {
  const lab = await startLab()
  onTestFinished(() => lab.stop())
  vi.stubEnv('AWS_ENDPOINT_URL_S3', lab.endpoint)
  lab.addBucket({ name: 'far-away', owner: labAccounts.A, region: 'ap-southeast-2' })
  expect(await bucketRegion(labBucket, 'aws', client())).toBe('us-east-1')
  expect(await bucketRegion('far-away', 'aws', client())).toBe('ap-southeast-2')
})

it.each([200, 301, 307, 400, 403])('reads the region from an answer with status %d', async (status) => {
  await answering((_request, response) => response.writeHead(status, { 'x-amz-bucket-region': 'eu-west-3' }).end())
  expect(await bucketRegion('logs', 'aws', client())).toBe('eu-west-3')
})

it('sends an unsigned HEAD of the bucket without an access key', async () => {
  const seen: unknown[] = []
  await answering((request, response) => {
    seen.push([request.method, request.url, request.headers.authorization])
    response.writeHead(200, { 'x-amz-bucket-region': 'eu-west-3' }).end()
  })
  await bucketRegion('logs', 'aws-cn', client())
  expect(seen).toEqual([['HEAD', '/logs', undefined]])
})

it('returns no region if a store does not name it', async () => {
  await answering((_request, response) => response.writeHead(403).end())
  expect(await bucketRegion('logs', 'aws', client())).toBeUndefined()
})

it('reports a bucket that does not exist', async () => {
  await answering((_request, response) => response.writeHead(404).end())
  await expect(bucketRegion('logs', 'aws', client())).rejects.toMatchObject({ code: 'bucket.not-found' })
})

it('reports a network failure', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:9')
  await expect(bucketRegion('logs', 'aws', client())).rejects.toMatchObject({
    code: expect.stringMatching(/^network\./),
  })
})
