import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { findJsonFault } from '../../src/config/json-fault.ts'

it('finds a fault exactly where JSON.parse does not take a text', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"\\u00e9"',
    '"\\x"',
    '1',
    '-0.5e+3',
    '01',
    'true',
    'null',
    'nul',
    ' ',
    '\n',
    "'",
    '//',
  )
  const soup = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''))
  const cut = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', ' ', '}')).map(([json, at, put]) => {
    const place = at % (json.length + 1)
    return json.slice(0, place) + put + json.slice(place)
  })
  fc.assert(
    fc.property(fc.oneof(fc.json(), soup, cut), (text) => {
      expect(findJsonFault(text, 1000) === undefined).toBe(isJson(text))
    }),
    { numRuns: 3000 },
  )
})

it.each([
  ['{"a": 1,}', 8, 'a key in double quotes'],
  ['{"a" 1}', 5, 'a colon'],
  ['{"a": 1 "b": 2}', 8, 'a comma or a closing }'],
  ['[1 2]', 3, 'a comma or a closing ]'],
  ['{a: 1}', 1, 'a key in double quotes'],
  ['{} x', 3, 'nothing after the value'],
  ['// words\n{}', 0, 'a value: text in double quotes, a number, true, false, null, { or ['],
])('%j breaks at offset %i', (text, offset, expected) => {
  expect(findJsonFault(text, 10)).toEqual({ offset, expected })
})

it('stops at the depth it is given', () => {
  expect(findJsonFault('[[[', 2)).toEqual({ offset: 2, expected: 'at most 2 levels' })
})

it('takes a text of a megabyte in one string', () => {
  expect(findJsonFault(JSON.stringify('\n"'.repeat(250_000)), 2)).toBeUndefined()
})

function isJson(text: string): boolean {
  try {
    return JSON.parse(text) !== undefined
  } catch {
    return false
  }
}
