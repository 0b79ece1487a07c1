import fc from 'fast-check'
import { expect, test } from 'vitest'
import { literalOf, patternMatcher } from '../../../src/verbs/events/filter/text-pattern.ts'
import { globExpression } from './naive-search.ts'

const piece = fc.constantFrom(
  'a',
  'b',
  'ab',
  'A',
  '😀',
  '*',
  '?',
  '\\*',
  '\\?',
  '\\\\',
  '\\!',
  '\\a',
  '\\',
  '.',
  '(',
  '\n',
  '!',
)
const pattern = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(''))
const text = fc
  .array(fc.constantFrom('a', 'b', 'A', '😀', '*', '?', '\\', '.', '(', '\n', '!'), { maxLength: 8 })
  .map((parts) => parts.join(''))

test('a pattern matches the same texts as its regular expression', () => {
  fc.assert(
    fc.property(pattern, text, (glob, candidate) => {
      expect(patternMatcher(glob)(candidate)).toBe(globExpression(glob).test(candidate))
    }),
    { numRuns: 20_000 },
  )
})

test('each match contains the literal of its pattern; without wildcards they are equal', () => {
  fc.assert(
    fc.property(pattern, text, (glob, candidate) => {
      fc.pre(patternMatcher(glob)(candidate))
      const { text: literal, isWhole } = literalOf(glob)
      expect(candidate).toContain(literal)
      if (isWhole) expect(candidate).toBe(literal)
    }),
    { numRuns: 1000 },
  )
})

test.each([
  ['Delete*', 'DeleteBucket', true],
  ['Delete*', 'delete', false],
  ['*Bucket', 'DeleteBucket', true],
  ['a*a', 'a', false],
  ['*ab*b', 'ab', false],
  ['a*bc*c', 'abc', false],
  ['a*bc*c', 'abcc', true],
  ['?', '😀', true],
  ['\\*', '*', true],
  ['\\*', 'x', false],
  ['\\!x', '!x', true],
  ['', '', true],
  ['', 'x', false],
])('%j on %j: %j', (glob, candidate, matches) => {
  expect(patternMatcher(glob)(candidate)).toBe(matches)
})

test.each(['*a*a*a*a*a*a*a*a*a*b', '*a?a*a?a*a?a*a?a*a?a*b'])('%s is fast on a long text', (glob) => {
  const startMs = performance.now()
  expect(patternMatcher(glob)('a'.repeat(20_000))).toBe(false)
  expect(performance.now() - startMs).toBeLessThan(5000)
})
