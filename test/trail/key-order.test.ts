import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareKeys, keysRise } from '../../src/trail/key-order.ts'

// Like real keys, these have no unpaired surrogates.
const keys = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', '/', '\uE000', '\uFFFF', '\u{10000}', '😀'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

test('keys sort by their UTF-8 bytes, like in S3', () => {
  fc.assert(
    fc.property(keys, keys, keys, (start, a, b) => {
      const bytes = Buffer.compare(Buffer.from(start + a), Buffer.from(start + b))
      expect(Math.sign(compareKeys(start + a, start + b))).toBe(bytes)
    }),
    { numRuns: 5000 },
  )
})

test('a character above U+FFFF sorts after U+FFFF, unlike in UTF-16', () => {
  expect(compareKeys('logs/\u{10000}', 'logs/\uFFFF')).toBeGreaterThan(0)
})

test('a key sorts before the keys that begin with it', () => {
  expect(compareKeys('logs/', 'logs/a')).toBeLessThan(0)
})

test('keysRise compares UTF-8 bytes and requires each key to sort after the previous one', () => {
  fc.assert(
    fc.property(
      fc.array(keys, { maxLength: 4 }),
      fc.option(keys, { nil: undefined }),
      fc.boolean(),
      (found, after, sort) => {
        const listed = sort ? found.toSorted(compareKeys) : found
        const all = after === undefined ? listed : [after, ...listed]
        const rise = all.every((key, at) => at === 0 || compareKeys(all[at - 1] ?? '', key) < 0)
        const objects = listed.map((key) => ({ key }))
        expect(keysRise(objects, after)).toBe(rise)
      },
    ),
    { numRuns: 5000 },
  )
})
