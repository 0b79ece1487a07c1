import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { showText, showValue } from '../../src/config/show.ts'

it('showText leaves no control characters in any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(showText(text)).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

it.each([
  [undefined, undefined, 'nothing'],
  [null, '', 'nothing'],
  ['a "b"', 'a "b"', '"a \\"b\\""'],
  [10_000, '1e4', '1e4'],
  [true, 'TRUE', 'TRUE'],
  [{ a: 1 }, undefined, 'a mapping'],
  [[1], undefined, 'a list'],
  ['x'.repeat(200), undefined, `"${'x'.repeat(119)}…`],
])('%j, written %j, is shown as %s', (value, source, shown) => {
  expect(showValue(value, source)).toBe(shown)
})
