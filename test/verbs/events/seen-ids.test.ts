import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SeenIds } from '../../../src/verbs/events/seen-ids.ts'
import { shortEventId } from '../../../src/sinks/event-id.ts'

function id(number: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32BE(number, 12)
  return bytes
}

test('an id is new once', () => {
  const ids = fc.array(fc.nat(200), { maxLength: 400 })
  fc.assert(
    fc.property(ids, (numbers) => {
      const seen = new SeenIds()
      const known = new Set<number>()
      for (const number of numbers) {
        expect(seen.add(shortEventId(`event ${number}`), 0)).toBe(!known.has(number))
        known.add(number)
      }
      expect(seen.forgot).toBe(false)
    }),
  )
})

test('many ids stay known while the table grows', () => {
  const seen = new SeenIds()
  const many = randomBytes(16 * 100_000)
  for (let at = 0; at < 100_000; at++) seen.add(many, at)
  for (let at = 0; at < 100_000; at++) expect(seen.add(many, at)).toBe(false)
})

test('ids that count up are as fast as random ones', () => {
  const seen = new SeenIds()
  const startMs = performance.now()
  for (let number = 1; number <= 200_000; number++) seen.add(id(number), 0)
  expect(performance.now() - startMs).toBeLessThan(5000)
  expect(seen.add(id(77), 0)).toBe(false)
})

test('a record without an id is always new', () => {
  const seen = new SeenIds()
  const none = new Uint8Array(16)
  expect([seen.add(none, 0), seen.add(none, 0)]).toEqual([true, true])
})

test('at least the last ids are known, and it is reported when older ones were dropped', () => {
  const seen = new SeenIds(10)
  for (let number = 1; number <= 20; number++) seen.add(id(number), 0)
  expect(seen.forgot).toBe(false)
  seen.add(id(21), 0)
  expect(seen.forgot).toBe(true)
  for (let number = 12; number <= 21; number++) expect(seen.add(id(number), 0)).toBe(false)
  expect(seen.add(id(1), 0)).toBe(true)
})

test('an id is read at its position in a larger buffer', () => {
  const seen = new SeenIds()
  const two = Buffer.concat([Buffer.from('x'), id(1), id(2)]).subarray(1)
  expect([seen.add(two, 0), seen.add(two, 1), seen.add(two, 1), seen.add(id(2), 0)]).toEqual([true, true, false, false])
})
