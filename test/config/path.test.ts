import { expect, it } from 'vitest'

import { formatPath, valueAt } from '../../src/config/path.ts'

it.each([
  [[], ''],
  [['accounts', 'B', 'via', 0, 'role'], 'accounts.B.via[0].role'],
  [['accounts', 'a b'], 'accounts["a b"]'],
  [['accounts', '\u001b[31m'], 'accounts["\\u001b[31m"]'],
])('%j is formatted as %s', (path, written) => {
  expect(formatPath(path)).toBe(written)
})

it('a path to a missing value gives undefined', () => {
  expect(valueAt({ a: 'text' }, ['a', 'length', 'b'])).toBeUndefined()
  expect(valueAt({ a: [{ b: 1 }] }, ['a', 0, 'b'])).toBe(1)
})
