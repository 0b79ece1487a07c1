import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { BucketAccess } from '../../../src/s3/bucket-access.ts'
import { copySource, copyTarget } from '../../../src/sinks/bucket/places.ts'
import { labAccounts, labBucket } from '../../../src/lab/fixture.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { LogObject } from '../../../src/trail/log-object.ts'
import { bucketSink } from '../../../src/sinks/bucket/bucket-sink.ts'
import type { CopySides } from '../../../src/sinks/bucket/sides.ts'
import { openGate } from '../../../src/work/limits.ts'
import type { Outcome } from '../../../src/work/outcome.ts'
import type { RunEvent } from '../../../src/work/run-event.ts'

const mebibyte = 1024 ** 2
const key = 'AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/01/large.json.gz'
const body = Buffer.from(Uint8Array.from({ length: 13 * mebibyte }, (_, at) => (at * 31) ^ (at >> 8)))
const stored = { metadata: { signature: 'c0ffee' }, contentType: 'application/json', contentEncoding: 'gzip' }
const { signal } = new AbortController()

let lab: Lab
let buckets: BucketAccess
const notes: RunEvent[] = []

beforeAll(async () => {
  lab = await startLab({ maxCopyBytes: 6 * mebibyte, maxPutBytes: 6 * mebibyte })
  vi.stubEnv('AWS_ENDPOINT_URL_S3', lab.endpoint)
  lab.bucket().put(key, body, stored)
  lab.addBucket({ name: 'archive', owner: labAccounts.A, region: 'eu-central-1' })
  const trail = { bucket: labBucket, owner: labAccounts.A, region: 'us-east-1', requesterPays: false, prefix: '' }
  buckets = new BucketAccess({ trail, env: {}, maxConcurrency: 8, stallTimeoutMs: 1000, maxAttempts: 5 })
})
afterAll(async () => {
  await buckets.close()
  await lab.stop()
  vi.unstubAllEnvs()
})

function sidesOf(anotherWrites: boolean): CopySides {
  const keys = { current: () => lab.principals.admin, renew: () => Promise.resolve(lab.principals.admin) }
  const place = { owner: labAccounts.A, region: 'us-east-1', requesterPays: false }
  const source = { ...place, bucket: labBucket }
  return {
    source: copySource(
      buckets,
      source,
      keys,
      buckets.open(keys, () => undefined),
    ),
    target: copyTarget(
      buckets,
      { ...place, bucket: 'archive', storage: {}, partSizeBytes: 6 * mebibyte },
      keys,
      (note) => notes.push(note),
    ),
    anotherWrites,
  }
}

/** Copies the large object with a limit per call of less than half its size. */
async function copied(prefix: string, sides: CopySides): Promise<Outcome> {
  const action = bucketSink(
    {
      to: { bucket: 'archive', prefix },
      verify: true,
      overwrite: false,
      dryRun: false,
      maxCopyBytes: 6 * mebibyte,
      maxHeldBytes: 6 * mebibyte,
    },
    () => sides,
    openGate,
    { signal, actSignal: signal },
  )
  const etag = lab.bucket().get(key)?.etag ?? ''
  const object = { key, sizeBytes: body.length, etag, storageClass: 'STANDARD' } as LogObject
  const taken = action.take(object, 'Z', sides.source, undefined)
  return typeof taken === 'function' ? taken() : taken
}

test.each([
  ['server-side-parts', false],
  ['streamed-parts', true],
])('copies a too large object %s, complete, with its metadata, verified', async (mode, anotherWrites) => {
  const outcome = await copied(`${mode}/`, sidesOf(anotherWrites))
  expect(outcome).toMatchObject({ status: 'done', bytes: body.length, detail: { mode } })
  expect(outcome).toMatchObject({ detail: { verified: expect.stringMatching(/^(crc64nvme|content)$/) as unknown } })
  const copy = lab.bucket('archive').get(`${mode}/${key}`)
  expect(copy?.body.equals(body)).toBe(true)
  expect(copy).toMatchObject(stored)
  expect(lab.bucket('archive').uploads.size).toBe(0)
})

test('follows a target to its region, and warns', () => {
  const message = 'archive is in eu-central-1, not in us-east-1: give --to-region eu-central-1'
  expect(notes[0]).toMatchObject({ type: 'note', code: 'bucket.other-region', message })
})
