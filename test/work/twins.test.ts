import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ListPage } from '../../src/s3/list-page.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import type { ListedObject } from '../../src/trail/log-object.ts'
import type { Slice } from '../../src/trail/slice.ts'
import type { Listing } from '../../src/work/plan.ts'
import { listedTwins } from '../../src/work/twins.ts'

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
const signal = new AbortController().signal

/** A listing of these keys with a fixed page size, which counts its calls. */
class Pages implements Listing {
  readonly #keys: readonly string[]
  readonly #pageSize: number
  asked = 0

  constructor(keys: Iterable<string>, pageSize: number) {
    this.#keys = [...new Set(keys)].sort(byBytes)
    this.#pageSize = pageSize
  }

  listPage({ prefix, startAfter = '', token }: Parameters<Listing['listPage']>[0]): Promise<ListPage> {
    this.asked++
    const after = token ?? startAfter
    const rest = this.#keys.filter((key) => key.startsWith(prefix) && byBytes(key, after) > 0)
    const objects = rest.slice(0, this.#pageSize).map(listed)
    const nextToken = rest.length > this.#pageSize ? objects.at(-1)?.key : undefined
    return Promise.resolve({ objects, commonPrefixes: [], nextToken, answeredAtMs: 0 })
  }
}

function listed(key: string): ListedObject {
  return { key, sizeBytes: 1, etag: key, lastModifiedMs: 0, storageClass: 'STANDARD' }
}

function sliceAfter(startAfter: string | undefined): Slice {
  const logAccount = '222222222222' as AccountId
  return { account: 'B', logAccount, region: 'us-east-1', kind: 'events', prefix: 'a/', startAfter, window: {} }
}

/** Few letters, so that keys coincide; of one to four bytes, and from both sides of the surrogates. */
const name = fc
  .array(fc.constantFrom('a', 'b', '/', '-', '~', 'é', '\ue000', '\uffff', '𐀀', '😀'), { maxLength: 4 })
  .map((letters) => letters.join(''))
const keys = fc.uniqueArray(name, { maxLength: 40 })

test('joins any two sets of keys in one pass, whatever the pages', async () => {
  const property = fc.asyncProperty(
    keys,
    keys,
    fc.record({ ownPage: fc.integer({ min: 1, max: 7 }), otherPage: fc.integer({ min: 1, max: 7 }) }),
    fc.constantFrom('', 'archive/', '😀/'),
    async (own, other, { ownPage, otherPage }, prefix) => {
      const listing = new Pages(
        other.map((key) => `${prefix}a/${key}`),
        otherPage,
      )
      const twins = listedTwins(sliceAfter(undefined), { listing, prefix, signal })
      const sorted = own.map((key) => `a/${key}`).sort(byBytes)
      const found = new Map<string, string>()
      for (let at = 0; at < sorted.length; at += ownPage) {
        for (const [key, twin] of await twins.of(sorted.slice(at, at + ownPage))) found.set(key, twin.key)
      }
      const both = sorted.filter((key) => other.includes(key.slice(2)))
      expect([...found]).toEqual(both.map((key) => [key, prefix + key]))
      expect(listing.asked).toBeLessThanOrEqual(Math.max(1, Math.ceil(other.length / otherPage)))
    },
  )
  await fc.assert(property, { numRuns: 500 })
})

test('does not list the other place before the slice', async () => {
  const listing = new Pages(['archive/a/1', 'archive/a/2', 'archive/a/3', 'archive/a/4'], 2)
  const twins = listedTwins(sliceAfter('a/2'), { listing, prefix: 'archive/', signal })
  expect([...(await twins.of(['a/3', 'a/4'])).keys()]).toEqual(['a/3', 'a/4'])
  expect(listing.asked).toBe(1)
})

test('lists the other place no further than the keys go', async () => {
  const listing = new Pages(['a/1', 'a/2', 'a/3', 'a/4', 'a/5', 'a/6'], 2)
  const twins = listedTwins(sliceAfter(undefined), { listing, prefix: '', signal })
  await twins.of(['a/1', 'a/2'])
  await twins.of(['a/3'])
  expect(listing.asked).toBe(2)
})

test('does not list without keys', async () => {
  const listing = new Pages(['a/1'], 2)
  expect(await listedTwins(sliceAfter(undefined), { listing, prefix: '', signal }).of([])).toEqual(new Map())
  expect(listing.asked).toBe(0)
})

test('reports a failed listing of the other place, and treats no key as missing', async () => {
  const listing: Listing = { listPage: () => Promise.reject(new Error('refused')) }
  await expect(listedTwins(sliceAfter(undefined), { listing, prefix: '', signal }).of(['a/1'])).rejects.toThrow(
    'refused',
  )
})
