import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { conditionVerdict } from '../../../src/identity/sharing/condition-verdict.ts'
import { literalPattern, wildcardPattern } from '../../../src/identity/sharing/policy-pattern.ts'
import { conditionsHold } from '../../../src/lab/conditions.ts'

const operators = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'ArnLike',
  'ArnNotEquals',
  'Bool',
  'Null',
]
const value = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 4 })
const word = fc.stringMatching(/^[ab]{1,4}$/)

test('agrees with the lab about requests of which everything is known', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...operators),
      fc.boolean(),
      fc.array(value, { minLength: 1, maxLength: 3 }),
      fc.option(word, { nil: undefined }),
      (name, ifExists, given, actual) => {
        const operator = ifExists && name !== 'Null' ? `${name}IfExists` : name
        const values = name === 'Null' ? [String(given.length > 1)] : given
        const context = new Map(actual === undefined ? [] : [['key', actual]])
        const holds = conditionsHold({ [operator]: { key: values } }, context)
        const facts = new Map([['key', actual === undefined ? 'absent' : literalPattern(actual)] as const])
        expect(conditionVerdict({ operator, key: 'key', values }, facts)).toBe(holds ? 'holds' : 'fails')
      },
    ),
    { numRuns: 500 },
  )
})

test.each([
  ['StringLike', 'logs/*', 'logs/b/*', 'holds'],
  ['StringLike', 'logs/b/2026/*', 'logs/b/*', 'partly'],
  ['StringLike', 'data/*', 'logs/b/*', 'fails'],
  ['StringNotLike', 'data/*', 'logs/b/*', 'holds'],
  ['StringNotLike', 'logs/*', 'logs/b/*', 'fails'],
  ['IpAddress', '192.0.2.0/24', 'logs/*', 'unknown'],
  ['ForAllValues:StringLike', '*', 'logs/*', 'unknown'],
])('%s %s of all of %s: %s', (operator, wanted, fact, verdict) => {
  const facts = new Map([['key', wildcardPattern(fact)]])
  expect(conditionVerdict({ operator, key: 'key', values: [wanted] }, facts)).toBe(verdict)
})

test('a condition on an unknown key is unclear', () => {
  expect(conditionVerdict({ operator: 'StringLike', key: 'key', values: ['*'] }, new Map())).toBe('unknown')
})
