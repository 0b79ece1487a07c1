import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { labBucket } from '../../src/lab/fixture.ts'
import type { Fault } from '../../src/lab/faults.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { BucketProbe } from '../../src/s3/bucket-probe.ts'
import type { HttpClient } from '../../src/s3/http.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { labCalls, useLab } from './admin-lab.ts'

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
  useLab(lab)
  lab.requests.clear()
})
afterEach(() => {
  lab.setFaults({})
  vi.unstubAllEnvs()
})

function probe(name = labBucket): BucketProbe {
  return new BucketProbe(labCalls(lab, http, name).options)
}

const always = (fault: Fault) => lab.setFaults({ rules: [{ probability: 1, fault }] })

test('returns the settings of a bucket', async () => {
  lab.addBucket({
    name: 'paid-bucket',
    owner: '111111111111' as never,
    region: 'us-east-1',
    requesterPays: true,
    ownership: 'ObjectWriter',
  })
  expect(await probe('paid-bucket').requesterPays()).toBe(true)
  expect(await probe('paid-bucket').ownership()).toBe('ObjectWriter')
  expect(await probe().requesterPays()).toBe(false)
  expect(await probe().ownership()).toBe('BucketOwnerEnforced')
  expect(await probe().region()).toBe('us-east-1')
})

test('returns no ownership for a bucket without a rule', async () => {
  always({
    status: 404,
    code: 'OwnershipControlsNotFoundError',
    message: 'The bucket ownership controls were not found',
  })
  expect(await probe().ownership()).toBeUndefined()
})

test('a permitted delete is refused for its condition and deletes nothing', async () => {
  expect(await probe().mayDelete('AWSLogs/never-was')).toEqual({
    verdict: 'allowed',
    key: 'AWSLogs/never-was',
    answer: '404 NoSuchKey',
  })
  expect(lab.requests.recent('DeleteObject').map(({ status }) => status)).toEqual([404])
})

test('does not delete an existing key, because its ETag differs', async () => {
  lab.bucket().put('there', 'body')
  expect(await probe().mayDelete('there')).toMatchObject({ verdict: 'allowed', answer: '412 PreconditionFailed' })
  expect(await probe().mayPut('there')).toMatchObject({ verdict: 'allowed', answer: '412 PreconditionFailed' })
  expect(lab.bucket().get('there')?.body.toString()).toBe('body')
  lab.bucket().delete('there')
})

test.each([
  [404, 'NoSuchKey'],
  [412, 'PreconditionFailed'],
  [400, 'BadDigest'],
  [400, 'XAmzContentSHA256Mismatch'],
  [409, 'ConditionalRequestConflict'],
])('%i %s shows that the right is granted', async (status, code) => {
  always({ status, code, message: 'no' })
  expect(await probe().mayPut('never-was')).toMatchObject({ verdict: 'allowed', answer: `${status} ${code}` })
})

test.each([
  [403, 'AccessDenied'],
  [404, 'NoSuchBucket'],
  [400, 'InvalidRequest'],
])('%i %s does not show that the right is granted', async (status, code) => {
  always({ status, code, message: 'no' })
  expect(await probe().mayPut('never-was')).toMatchObject({
    verdict: 'refused',
    error: { facts: { status, serviceCode: code } },
  })
})

test('sends wrong digests with a put, so that a server without conditions rejects it', async () => {
  const seen: { method: string | undefined; headers: IncomingHttpHeaders; body: Buffer }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        seen.push({ method: request.method, headers: request.headers, body: Buffer.concat(chunks) })
        response.writeHead(request.method === 'DELETE' ? 204 : 200).end()
      })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    expect(await probe().mayPut('never-was')).toMatchObject({ verdict: 'condition-ignored' })
    expect(await probe().mayDelete('never-was')).toMatchObject({ verdict: 'condition-ignored' })
  } finally {
    await new Promise((closed) => server.close(closed))
  }
  const [put, deletion] = seen
  const digestOf = (name: string) =>
    createHash(name)
      .update(put?.body ?? '')
      .digest('base64')
  expect(put?.headers['if-match']).toBe('"00000000000000000000000000000000"')
  expect([undefined, digestOf('md5')]).not.toContain(put?.headers['content-md5'])
  expect([undefined, digestOf('sha256')]).not.toContain(put?.headers['x-amz-checksum-sha256'])
  expect(deletion?.headers['if-match']).toBe('"00000000000000000000000000000000"')
})

test('returns the KMS key of an object even without the right to use it', async () => {
  const kmsKeyArn = 'arn:aws:kms:us-east-1:777777777777:key/11111111-2222-4333-8444-555555555555'
  lab.bucket().put('secret', 'body', { kmsKeyArn })
  expect(await probe().kmsKeyOf('secret')).toBe(kmsKeyArn)
})

test('returns whether S3 distinguishes missing keys from forbidden ones', async () => {
  expect(await probe().tellsMissing('never-was')).toBe(true)
  always({ status: 403, code: 'AccessDenied', message: 'Access Denied' })
  expect(await probe().tellsMissing('never-was')).toBe(false)
})
