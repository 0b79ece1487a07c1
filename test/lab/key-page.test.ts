import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyPage, type KeyPageRequest } from '../../src/lab/key-page.ts'

const all: KeyPageRequest = { prefix: '', delimiter: '', after: '', maxKeys: 1_000 }
const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right))
const key = fc.string({
  unit: fc.constantFrom('a', 'b', '/', 'é', '\u{FFFD}', '\u{1F600}'),
  minLength: 1,
  maxLength: 6,
})
const sortedKeys = fc.uniqueArray(key, { maxLength: 40 }).map((keys) => keys.toSorted(byBytes))

test('pages of any size give every key once and in order', () => {
  fc.assert(
    fc.property(sortedKeys, fc.integer({ min: 1, max: 7 }), (keys, maxKeys) => {
      const read: string[] = []
      let after = ''
      for (;;) {
        const page = keyPage(keys, { ...all, after, maxKeys }, () => true)
        read.push(...page.keys)
        if (!page.isTruncated) break
        after = page.last
      }
      expect(read).toEqual(keys)
    }),
  )
})

test('with a delimiter, pages give every common prefix once and every other key', () => {
  fc.assert(
    fc.property(sortedKeys, fc.integer({ min: 1, max: 4 }), (keys, maxKeys) => {
      const read: string[] = []
      let after = ''
      for (;;) {
        const page = keyPage(keys, { ...all, delimiter: '/', after, maxKeys }, () => true)
        read.push(...page.keys, ...page.commonPrefixes)
        if (!page.isTruncated) break
        after = page.last
      }
      const expected = new Set(keys.map((each) => (each.includes('/') ? each.slice(0, each.indexOf('/') + 1) : each)))
      expect(read.toSorted(byBytes)).toEqual([...expected].toSorted(byBytes))
    }),
  )
})

test('a page that ends with the last key is not truncated', () => {
  expect(keyPage(['a', 'b'], { ...all, maxKeys: 2 }, () => true).isTruncated).toBe(false)
})

test('omits a common prefix that does not sort after the start', () => {
  const page = keyPage(['a/1', 'a/2', 'b/1'], { ...all, delimiter: '/', after: 'a/1' }, () => true)
  expect(page.commonPrefixes).toEqual(['b/'])
})

test('hidden keys make no common prefix', () => {
  const page = keyPage(['a/1', 'b/1'], { ...all, delimiter: '/' }, (each) => each !== 'a/1')
  expect(page.commonPrefixes).toEqual(['b/'])
})

test('returns nothing if no keys are requested', () => {
  expect(keyPage(['a'], { ...all, maxKeys: 0 }, () => true)).toMatchObject({ keys: [], isTruncated: false })
})
