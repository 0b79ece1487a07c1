import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ListPage } from '../../src/s3/list-page.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { dayMs, hourMs, minuteMs } from '../../src/trail/calendar.ts'
import { formatKey } from '../../src/trail/key.ts'
import type { Kind } from '../../src/trail/kind.ts'
import { kindFolder } from '../../src/trail/kind.ts'
import type { ListedObject } from '../../src/trail/log-object.ts'
import type { ParsedKey } from '../../src/trail/parsed-key.ts'
import { type Slice, sliceOf } from '../../src/trail/slice.ts'
import type { Window } from '../../src/trail/window.ts'
import { bucketSource } from '../../src/work/bucket-source.ts'
import type { Listing } from '../../src/work/plan.ts'

const layout = { prefix: '' }
const logAccount = '222222222222' as AccountId
const startMs = Date.UTC(2026, 10, 1)
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** A bucket with a page size. Its tokens are not keys, as in S3. */
class Pages implements Listing {
  readonly #keys: readonly string[]
  readonly #pageSize: number
  calls = 0

  constructor(keys: readonly string[], pageSize: number) {
    this.#keys = [...new Set(keys)].sort(byBytes)
    this.#pageSize = pageSize
  }

  listPage({ prefix, startAfter = '', token }: Parameters<Listing['listPage']>[0]): Promise<ListPage> {
    this.calls++
    const after = token === undefined ? startAfter : (this.#keys[Number(token)] ?? '')
    const rest = this.#keys.filter((key) => key.startsWith(prefix) && byBytes(key, after) > 0)
    const objects = rest.slice(0, this.#pageSize).map(listed)
    const last = objects.at(-1)?.key
    const nextToken = rest.length > this.#pageSize && last !== undefined ? `${this.#keys.indexOf(last)}` : undefined
    return Promise.resolve({ objects, commonPrefixes: [], nextToken, answeredAtMs: 0 })
  }
}

function listed(key: string): ListedObject {
  return { key, sizeBytes: 1, etag: '', lastModifiedMs: 0, storageClass: 'STANDARD' }
}

/** The keys that a shard reads, logs and foreign objects, sorted. */
async function read(listing: Listing, slice: Slice, isHungry: () => boolean): Promise<string[]> {
  const keys: string[] = []
  const source = bucketSource({
    bucketOf: () => listing,
    filter: () => true,
    listener: (event) => {
      if (event.type === 'outcome') keys.push(event.outcome.object.key)
    },
    signal: new AbortController().signal,
    nowMs: () => startMs + 30 * dayMs,
  })
  const waiting = [slice]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    await source.read(next, {
      take({ objects }) {
        keys.push(...objects.map(({ key }) => key))
        return Promise.resolve(false)
      },
      isHungry,
      giveAway: (part) => waiting.push(part),
    })
  }
  return keys.sort(byBytes)
}

function sliceWith(kind: Kind, window: Window, shard?: { index: number; count: number }): Slice {
  return sliceOf({ layout, account: 'Z', logAccount, region: 'us-east-1', kind, window, shard })
}

function keyOf(kind: Kind, deliveredAtMs: number, random: string): string {
  const parts = { logAccount, region: 'us-east-1', deliveredAtMs }
  const digest = { ...parts, kind, trailName: `trail-${random[0]}`, homeRegion: 'us-east-1', backfill: false }
  return formatKey((kind === 'digest' ? digest : { ...parts, kind, random }) as ParsedKey, layout)
}

const someKind = fc.constantFrom<Kind>('events', 'insight', 'digest', 'network-activity')
const someOffset = fc.oneof(
  fc.integer({ min: 0, max: 20 * dayMs }),
  // Many at the edges of days and cells
  fc.integer({ min: 0, max: 200 }).map((at) => at * hourMs),
  fc.integer({ min: 0, max: 600 }).map((at) => at * 5 * minuteMs),
)
const someRandom = fc.stringMatching(/^[A-Za-z0-9]{16}$/)
const foreignName = fc.constantFrom('0', 'note.txt', '2026/11/03/zzz.json.gz', '2026/11/05', '~', 'é', '2026/11/07/!')

test('the shards of a slice are exactly the slice, and no key is in two', async () => {
  const property = fc.asyncProperty(
    someKind,
    fc.array(fc.tuple(someOffset, someRandom), { maxLength: 60 }),
    fc.array(foreignName, { maxLength: 4 }),
    fc.tuple(fc.integer({ min: 0, max: 10 * 24 * 12 }), fc.integer({ min: 1, max: 20 * 24 * 12 })),
    fc.record({ count: fc.integer({ min: 1, max: 9 }), pageSize: fc.integer({ min: 1, max: 9 }) }),
    fc.infiniteStream(fc.boolean()),
    async (kind, offsets, foreign, [from, span], { count, pageSize }, hungry) => {
      const prefix = `AWSLogs/${logAccount}/${kindFolder(kind)}/us-east-1/`
      const keys = [
        ...offsets.map(([offset, random]) => keyOf(kind, startMs + Math.floor(offset / 1000) * 1000, random)),
        ...foreign.map((name) => prefix + name),
      ]
      const listing = new Pages(keys, pageSize)
      const fromMs = startMs + from * 5 * minuteMs
      const window = { fromMs, toMs: fromMs + span * 5 * minuteMs }
      const isHungry = () => hungry.next().value as boolean
      const whole = await read(listing, sliceWith(kind, window), isHungry)
      const shards = await Promise.all(
        Array.from({ length: count }, (_, index) => read(listing, sliceWith(kind, window, { index, count }), isHungry)),
      )
      expect(shards.flat().sort(byBytes)).toEqual(whole)
    },
  )
  await fc.assert(property, { numRuns: 1500 })
})

test('the shards of a dense place are even', async () => {
  const keys = Array.from({ length: 20 * 24 * 12 }, (_, at) =>
    keyOf('events', startMs + at * 5 * minuteMs, 'AAAAAAAAAAAAAAAA'),
  )
  const window = { fromMs: startMs, toMs: startMs + 20 * dayMs }
  const listing = new Pages(keys, 1000)
  const counts = await Promise.all(
    Array.from({ length: 16 }, async (_, index) => {
      const read16 = await read(listing, sliceWith('events', window, { index, count: 16 }), () => false)
      return read16.length
    }),
  )
  expect(counts.reduce((sum, count) => sum + count)).toBe(keys.length)
  expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.1)
})

test('a shard lists a sparse place with one call, and skips the days of other shards in a dense one', async () => {
  const window = { fromMs: startMs, toMs: startMs + 365 * dayMs }
  const shard = sliceWith('events', window, { index: 2, count: 16 })
  const sparse = new Pages([keyOf('events', startMs + dayMs, 'AAAAAAAAAAAAAAAA')], 1000)
  await read(sparse, shard, () => false)
  expect(sparse.calls).toBe(1)
  const dense = new Pages(
    Array.from({ length: 365 * 24 }, (_, at) => keyOf('events', startMs + at * hourMs, 'AAAAAAAAAAAAAAAA')),
    24,
  )
  await read(dense, shard, () => false)
  expect(dense.calls).toBeLessThan(2 * (365 / 16) + 10)
})
