import { describe, expect, test } from 'vitest'
import type { PublicKeysAnswer } from '../../../src/identity/account-public-keys.ts'
import type { PublicKeysQuery } from '../../../src/identity/cloudtrail.ts'
import { sortedByDay } from '../../../src/verbs/verify/by-day.ts'
import { DeliveryPlaces } from '../../../src/verbs/verify/delivery-places.ts'
import { feedStream } from '../../../src/verbs/verify/feed-stream.ts'
import { KeyRing } from '../../../src/verbs/verify/key-ring.ts'
import { merged } from '../../../src/verbs/verify/merged.ts'
import { movedFromPlace } from '../../../src/verbs/verify/moved-from.ts'
import { readAhead } from '../../../src/verbs/verify/read-ahead.ts'
import { StreamCheck } from '../../../src/verbs/verify/stream-check.ts'
import { Admission } from '../../../src/work/admission.ts'
import { hour, signingKey } from './chain-builder.ts'

async function* pages<T>(...lists: readonly (readonly T[])[]): AsyncGenerator<readonly T[]> {
  for (const list of lists) yield await Promise.resolve(list)
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

function at(hours: number, key = `${hours}`) {
  return { key, deliveredAtMs: hours * hour }
}

test('what comes in the order of keys is sorted by delivery within each day', async () => {
  const found = await all(sortedByDay(pages([at(5, 'a'), at(1, 'b')], [at(3, 'c'), at(26, 'd')], [at(25, 'e')])))
  expect(found.map((page) => page.map(({ key }) => key).join(''))).toEqual(['bca', 'ed'])
})

test('lists are merged in the order of delivery, whatever their pages', async () => {
  const found = await all(
    merged([pages([at(1), at(4)], [], [at(9)]), pages<ReturnType<typeof at>>(), pages([at(2)], [at(3), at(8)])]),
  )
  expect(found.flat().map(({ key }) => Number(key))).toEqual([1, 2, 3, 4, 8, 9])
})

test('the next page of logs is listed before the results of the last one are handled', async () => {
  const check = new StreamCheck(
    { logAccount: '222222222222', region: 'us-east-1' },
    {
      window: {},
      nowMs: 0,
      graceMs: 0,
      findKeys: () => [],
      places: new DeliveryPlaces(),
      keepsSignatures: true,
      mayBePlain: false,
      isSelected: () => true,
    },
    { finding: () => undefined, digest: () => undefined, log: () => undefined },
  )
  let note = () => {}
  const isListed = new Promise<void>((resolve) => (note = resolve))
  async function* logs(): AsyncGenerator<readonly []> {
    yield await Promise.resolve([])
    note()
    yield []
  }
  async function* noDigests(): AsyncGenerator<never> {}
  let settled = 0
  // The first page is handled only when the second one was listed.
  const settle = () => (++settled === 2 ? isListed : Promise.resolve())
  await feedStream(check, { digests: noDigests(), logs: logs() }, settle)
  expect(settled).toBeGreaterThan(2)
})

describe('reading ahead', () => {
  const items = Array.from({ length: 200 }, (_, number) => ({ number, sizeBytes: 10 }))

  test('reads side by side, gives results in order, and holds no more than there is room for', async () => {
    const room = new Admission({ maxTasks: 16, maxBytes: 1000 })
    let reading = 0
    let most = 0
    const read = async ({ number }: { readonly number: number }) => {
      most = Math.max(most, ++reading)
      await new Promise((resolve) => setTimeout(resolve, number % 3))
      reading--
      return number
    }
    expect(await all(readAhead(pages(items), read, room))).toEqual(items.map(({ number }) => number))
    expect(most).toBe(16)
    expect(room.isFull).toBe(false)
  })

  test('of several lists shares the room, and ends for all of them', async () => {
    const room = new Admission({ maxTasks: 3, maxBytes: 1000 })
    const read = ({ number }: { readonly number: number }) => Promise.resolve(number)
    const lists = await Promise.all([1, 2, 3, 4, 5].map(() => all(readAhead(pages(items), read, room))))
    for (const list of lists) expect(list).toHaveLength(200)
  })

  test('throws what reading throws, and frees its room', async () => {
    const room = new Admission({ maxTasks: 4, maxBytes: 1000 })
    const read = ({ number }: { readonly number: number }) =>
      number === 50 ? Promise.reject(new Error('damaged')) : Promise.resolve(number)
    await expect(all(readAhead(pages(items), read, room))).rejects.toThrow('damaged')
    for (let count = 0; count < 4; count++) expect(room.enter(1)).toBe(true)
  })

  test('frees its room if the receiver leaves early', async () => {
    const room = new Admission({ maxTasks: 4, maxBytes: 1000 })
    const read = ({ number }: { readonly number: number }) => Promise.resolve(number)
    for await (const number of readAhead(pages(items), read, room)) if (number === 7) break
    for (let count = 0; count < 4; count++) expect(room.enter(1)).toBe(true)
  })
})

describe('the keys of a run', () => {
  const key = signingKey(0, hour).public
  const answer: PublicKeysAnswer = { keys: [{ ...key, region: 'eu-west-1' }], askedBy: 'arn:aws:iam::1:user/x' }
  const query = (fromMs: number, toMs: number): PublicKeysQuery => ({ region: 'eu-west-1', fromMs, toMs })

  test('are listed once for each region and time, also if several streams need them at once', async () => {
    const ring = new KeyRing(undefined)
    const asked: PublicKeysQuery[] = []
    const ask = (of: PublicKeysQuery) => {
      asked.push(of)
      return Promise.resolve(answer)
    }
    await Promise.all([ring.need(query(10, 20), ask), ring.need(query(12, 18), ask), ring.need(query(15, 40), ask)])
    expect(asked).toEqual([query(10, 20), query(10, 40)])
    expect(ring.keys.all.map(({ source }) => source)).toEqual(['ListPublicKeys in eu-west-1 by arn:aws:iam::1:user/x'])
  })

  test('are listed by another account if the first one may not', async () => {
    const ring = new KeyRing(undefined)
    const refused = ring.need(query(10, 20), () => Promise.reject(new Error('denied')))
    const allowed = ring.need(query(10, 20), () => Promise.resolve(answer))
    await expect(refused).rejects.toThrow('denied')
    await allowed
    expect(ring.keys.all).toHaveLength(1)
  })
})

describe('--moved-from', () => {
  const found = { bucket: 'here', base: 'AWSLogs/' }
  const recorded = { bucket: 'old', base: 'trail/AWSLogs/o-exampleorgid/' }

  test.each([
    ['s3://old', true],
    ['s3://old/', true],
    ['s3://old/trail', true],
    ['s3://old/trail/AWSLogs/', true],
    ['s3://old/tra', false],
    ['s3://other/trail', false],
  ])('%s accepts what was delivered below it: %s', (text, isAccepted) => {
    expect(new DeliveryPlaces([movedFromPlace(text)]).accepts(found, recorded)).toBe(isAccepted)
  })
})
