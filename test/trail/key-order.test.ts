import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareKeys, keysRise } from '../../src/trail/key-order.ts'

// No surrogate stands alone in these, as in no key.
const keys = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', '/', '\uE000', '\uFFFF', '\u{10000}', '😀'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

test("keys are ordered by their UTF-8 bytes, which is S3's order", () => {
  fc.assert(
    fc.property(keys, keys, keys, (start, a, b) => {
      const bytes = Buffer.compare(Buffer.from(start + a), Buffer.from(start + b))
      expect(Math.sign(compareKeys(start + a, start + b))).toBe(bytes)
    }),
    { numRuns: 5000 },
  )
})

test('a character beyond U+FFFF comes after U+FFFF, unlike in UTF-16', () => {
  expect(compareKeys('logs/\u{10000}', 'logs/\uFFFF')).toBeGreaterThan(0)
})

test('a key comes before those it begins', () => {
  expect(compareKeys('logs/', 'logs/a')).toBeLessThan(0)
})

test('keys rise where each comes after the one before, by their UTF-8 bytes', () => {
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
