import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { s3AnswerLimit } from '../../src/s3/bounded-body.ts'
import type { HttpClient } from '../../src/s3/http.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { listOwnBuckets } from '../../src/s3/sdk.ts'
import { sdkHttpHandler } from '../../src/s3/sdk-http-handler.ts'

let lab: Lab
let http: HttpClient

beforeAll(async () => {
  lab = await startLab()
  http = createHttpClient({ env: {}, stallTimeoutMs: 500 })
  vi.stubEnv('AWS_ENDPOINT_URL_S3', lab.endpoint)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await http.close()
  await lab.stop()
})

const listAsAdmin = (signal?: AbortSignal) =>
  listOwnBuckets(
    { current: () => lab.principals.admin, renew: () => Promise.resolve(lab.principals.admin) },
    http,
    'us-east-1',
    signal,
  )

describe('the SDK on the pooled client', () => {
  it('sends what it signed', async () => {
    expect((await listAsAdmin()).map(({ name }) => name)).toEqual(['example-cloudtrail-logs'])
  })

  it('retries a connection that breaks', async () => {
    lab.requests.clear()
    lab.setFaults({ rules: [{ fault: 'resetBeforeHeaders', probability: 1, times: 1, operations: ['ListBuckets'] }] })
    expect((await listAsAdmin()).length).toBe(1)
    expect(lab.requests.count('ListBuckets')).toBe(2)
    lab.setFaults({})
  })

  it('reports what was refused', async () => {
    lab.setFaults({ hook: () => ({ status: 403, code: 'AccessDenied', message: 'Access Denied' }) })
    await expect(listAsAdmin()).rejects.toMatchObject({ code: 'access.list-buckets-denied' })
    lab.setFaults({})
  })

  it('stops listing buckets at a signal', async () => {
    lab.setFaults({ hook: () => 'stall' })
    await expect(listAsAdmin(AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'interrupted' })
    lab.setFaults({})
  })

  it('refuses a body that it cannot send twice', async () => {
    const request = {
      method: 'PUT',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: '/',
      headers: {},
      body: new ReadableStream(),
    }
    await expect(sdkHttpHandler(http, { limit: s3AnswerLimit }).handle(request)).rejects.toThrow('whole bodies')
  })
})
