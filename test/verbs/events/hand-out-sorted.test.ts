import { expect, test } from 'vitest'
import type { FoundRecords } from '../../../src/verbs/events/found-records.ts'
import { handOutSorted } from '../../../src/verbs/events/hand-out-sorted.ts'

function* many(count: number): Generator<FoundRecords> {
  for (let at = 0; at < count; at++) {
    yield { log: { file: 'f' }, count: 1, ids: Buffer.alloc(16), timesMs: Float64Array.of(at), values: [[at]] }
  }
}

test('hands out every record in order, and counts them', async () => {
  const found: unknown[] = []
  const onFound = ({ values }: FoundRecords) => found.push(values?.[0]?.[0])
  const count = await handOutSorted({ sorted: () => many(250) }, { onFound }, new AbortController().signal)
  expect(count).toBe(250)
  expect(found).toEqual([...Array(250).keys()])
})

test('an abort from outside ends it soon, and only records that were handed out are counted', async () => {
  const controller = new AbortController()
  let found = 0
  setImmediate(() => controller.abort())
  const count = await handOutSorted({ sorted: () => many(1_000_000) }, { onFound: () => found++ }, controller.signal)
  expect(count).toBe(found)
  expect(count).toBeLessThan(10_000)
})

test('an abort ends it while the reader of the results does not read', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 20)
  const never = new Promise<void>(() => undefined)
  const count = await handOutSorted({ sorted: () => many(10) }, { whenWritable: () => never }, controller.signal)
  expect(count).toBe(0)
})
