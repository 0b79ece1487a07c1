import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { Bucket } from '../../src/s3/bucket.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { Pacer } from '../../src/s3/pacer.ts'
import { openLabBucket } from '../lab-bucket.ts'
import { owner } from './admin-lab.ts'

let lab: Lab
let opened: ReturnType<typeof openLabBucket>

beforeAll(async () => {
  lab = await startLab()
  opened = openLabBucket(lab)
})
afterAll(async () => {
  await opened.close()
  await lab.stop()
})
afterEach(() => lab.setFaults({}))

describe('a range of an object', () => {
  it('has its bytes, including both ends', async () => {
    const { etag } = lab.bucket().put('a b/+k', '0123456789')
    const { bytes, headers } = await opened.bucket.getRange('a b/+k', { start: 2, endInclusive: 5, etag })
    expect(bytes.toString()).toBe('2345')
    expect(headers['content-range']).toBe('bytes 2-5/10')
  })

  it('of an object that was replaced is refused', async () => {
    const { etag } = lab.bucket().put('k', '0123456789')
    lab.bucket().put('k', 'abcdefghij')
    const range = { start: 0, endInclusive: 3, etag }
    await expect(opened.bucket.getRange('k', range)).rejects.toMatchObject({ code: 'object.changed' })
  })

  it('that exceeds the object is refused', async () => {
    lab.bucket().put('k', '01234')
    const range = { start: 3, endInclusive: 9, etag: '' }
    await expect(opened.bucket.getRange('k', range)).rejects.toMatchObject({ code: 'object.range-ignored' })
  })

  it.each(['slowDown', 'resetMidBody', 'shortBody', 'longBody'] as const)(
    'is requested again after %s',
    async (fault) => {
      const { etag } = lab.bucket().put('k', '0123456789')
      lab.setFaults({ rules: [{ fault, probability: 1, times: 2 }] })
      const { bytes } = await opened.bucket.getRange('k', { start: 0, endInclusive: 9, etag })
      expect(bytes.toString()).toBe('0123456789')
    },
  )

  it('ends with its signal', async () => {
    lab.bucket().put('k', '0123456789')
    lab.setFaults({ rules: [{ fault: 'stall', probability: 1 }] })
    const range = { start: 0, endInclusive: 9, etag: '' }
    await expect(opened.bucket.getRange('k', range, AbortSignal.timeout(50))).rejects.toMatchObject({
      code: 'interrupted',
    })
  })

  it('is not the whole object if a server does not support ranges', async () => {
    const server = createServer((_, response) => response.end('x'.repeat(1_000_000)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const http = createHttpClient({ env: {} })
    const bucket = bucketOf(server, http)
    const range = { start: 0, endInclusive: 9, etag: '' }
    await expect(bucket.getRange('k', range)).rejects.toMatchObject({ code: 'object.range-ignored' })
    await http.close()
    server.close()
  })
})

function bucketOf(server: Server, http: ReturnType<typeof createHttpClient>): Bucket {
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return new Bucket({
    trail: { bucket: 'b', owner, region: 'us-east-1', requesterPays: false },
    keys: { current: () => lab.principals.admin, renew: () => Promise.resolve(lab.principals.admin) },
    http,
    pacer: new Pacer({ maxConcurrency: 4 }),
    resolveEndpoint: (name, region) =>
      Promise.resolve({ origin: `http://${host}`, host, pathPrefix: `/${name}`, region }),
  })
}
