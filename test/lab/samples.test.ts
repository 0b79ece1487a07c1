import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Bucket } from '../../src/lab/stored-bucket.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { addSamples, sampleLogAccounts, sampleWindow, type SampleOptions } from '../../src/lab/samples.ts'
import { syntheticKeys } from '../../src/lab/synthetic-keys.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { eventSpanOf } from '../../src/records/record.ts'
import { parseKey } from '../../src/trail/key.ts'
import type { TrailLayout } from '../../src/trail/trail.ts'
import { windowHolds } from '../../src/trail/window.ts'

const plain: TrailLayout = { prefix: '' }

async function sampled(options: SampleOptions, layout = plain, seed = 1): Promise<Bucket> {
  const bucket = new Bucket({ name: 'logs', owner: '111111111111' as AccountId, region: 'us-east-1' }, () => 0)
  await addSamples(bucket, layout, seededRandom(seed), options)
  return bucket
}

test.each([
  ['a plain trail', plain],
  ['an organization trail', { prefix: '', organization: 'o-exampleorgid' }],
  ['a trail with a prefix', { prefix: 'audit/logs' }],
])('every log of %s has one of its keys, delivered in the window', async (_, layout) => {
  const bucket = await sampled({ objects: 200, foreign: false }, layout)
  const parsed = bucket.keys().map((key) => parseKey(key, layout))
  expect(parsed.length).toBe(200)
  expect(parsed.every((parts) => parts !== undefined && windowHolds(sampleWindow, parts.deliveredAtMs))).toBe(true)
})

test('every log account, more than one region and every kind has a log', async () => {
  const bucket = await sampled({ objects: 500, foreign: false })
  const parsed = bucket.keys().flatMap((key) => parseKey(key, plain) ?? [])
  expect(new Set(parsed.map(({ logAccount }) => logAccount))).toEqual(new Set(sampleLogAccounts))
  expect(new Set(parsed.map(({ region }) => region)).size).toBe(4)
  expect(new Set(parsed.map(({ kind }) => kind))).toEqual(
    new Set(['events', 'insight', 'network-activity', 'aggregated']),
  )
})

test("a log's records are of its log account and region, and older than its delivery", async () => {
  const bucket = await sampled({ objects: 60, foreign: false, contentsPerSlot: Infinity })
  for (const key of bucket.keys()) {
    const parts = parseKey(key, plain)
    const text = gunzipSync(bucket.get(key)?.body ?? '').toString()
    const { Records } = JSON.parse(text) as { Records: Record<string, string>[] }
    expect(Records.length).toBeGreaterThan(0)
    for (const record of Records) {
      const { recipientAccountId = record['accountId'], awsRegion } = record
      expect({ recipientAccountId, awsRegion }).toEqual({
        recipientAccountId: parts?.logAccount,
        awsRegion: parts?.region,
      })
      expect(eventSpanOf(record)?.startMs).toBeLessThanOrEqual(parts?.deliveredAtMs ?? 0)
    }
  }
})

test('the same seed gives the same bucket', async () => {
  const [first, second, other] = await Promise.all([1, 1, 2].map((seed) => sampled({ objects: 50 }, plain, seed)))
  const content = (bucket: Bucket | undefined) => bucket?.keys().map((key) => [key, bucket.get(key)?.etag])
  expect(content(first)).toEqual(content(second))
  expect(content(first)).not.toEqual(content(other))
})

test('no two logs have the same bytes', async () => {
  const bucket = await sampled({ objects: 1_000, foreign: false })
  expect(new Set(bucket.keys().map((key) => bucket.get(key)?.etag)).size).toBe(1_000)
})

test('adds foreign objects among the logs', async () => {
  const bucket = await sampled({ objects: 10 })
  expect(bucket.keys().filter((key) => parseKey(key, plain) === undefined)).toHaveLength(4)
})

test('synthetic keys are distinct, in order and keys of the trail', () => {
  const keys = [...syntheticKeys({ count: 5_000 })]
  expect(new Set(keys).size).toBe(5_000)
  expect(keys.toSorted()).toEqual(keys)
  expect(keys.every((key) => parseKey(key, plain)?.kind === 'events')).toBe(true)
})
