import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { covers, literalPattern, overlaps, wildcardPattern } from '../../../src/identity/sharing/policy-pattern.ts'
import { matchesWildcard } from '../../../src/lab/wildcard.ts'

const patternText = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 7 })
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 })

/** Every text of up to 5 letters, which is enough to distinguish short patterns. */
const texts = (() => {
  const all = ['']
  for (let length = 1, last = ['']; length <= 5; length++) {
    last = last.flatMap((one) => ['a', 'b', 'c'].map((letter) => one + letter))
    all.push(...last)
  }
  return all
})()

test('a pattern covers a text if IAM matches it', () => {
  fc.assert(
    fc.property(patternText, text, (pattern, one) => {
      expect(covers(wildcardPattern(pattern), literalPattern(one))).toBe(matchesWildcard(one, pattern))
    }),
  )
})

test('a pattern that covers another matches every text of the other', () => {
  fc.assert(
    fc.property(patternText, patternText, (outer, inner) => {
      const escaping = texts.find((one) => matchesWildcard(one, inner) && !matchesWildcard(one, outer))
      if (covers(wildcardPattern(outer), wildcardPattern(inner))) expect(escaping).toBeUndefined()
    }),
    { numRuns: 300 },
  )
})

test('patterns overlap if both match a text', () => {
  fc.assert(
    fc.property(patternText, patternText, (one, other) => {
      const both = texts.some((each) => matchesWildcard(each, one) && matchesWildcard(each, other))
      if (both) expect(overlaps(wildcardPattern(one), wildcardPattern(other))).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['a*', 'ab*', true],
  ['a*', 'b*', false],
  ['ab*', 'a*', false],
  ['a*c', 'a*b*c', true],
  ['*', '', true],
  ['?', '*', false],
  ['*?', '?*', true],
  ['logs/*', 'logs/${*}/x', true],
  ['logs/${*}/*', 'logs/${*}/x', true],
  ['logs/${*}/*', 'logs/*/x', false],
  ['logs/${aws:username}/*', 'logs/ana/x', false],
])('%s covers %s: %s', (outer, inner, answer) => {
  expect(covers(wildcardPattern(outer), wildcardPattern(inner))).toBe(answer)
})

test.each([
  ['a*', '*b', true],
  ['a*', 'b*', false],
  ['a?c', 'abc', true],
  ['a?', 'abc', false],
  ['logs/${aws:username}/*', 'logs/ana/x', true],
  ['logs/${aws:username}', 'data/ana', false],
])('%s overlaps %s: %s', (one, other, answer) => {
  expect(overlaps(wildcardPattern(one), wildcardPattern(other))).toBe(answer)
  expect(overlaps(wildcardPattern(other), wildcardPattern(one))).toBe(answer)
})
