import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutToWidth, displayWidth, fittingLength, padToWidth } from '../../../src/cli/render/display-width.ts'

test.each([
  ['plain', 5],
  ['', 0],
  ['é', 1],
  ['e\u0301', 1],
  ['漢字', 4],
  ['１２３４', 8],
  ['😀', 2],
  ['❤\ufe0f', 2],
  ['a\u0300\u0301\u0302b', 2],
])('%j takes %i columns', (text, columns) => {
  expect(displayWidth(text)).toBe(columns)
})

test.each([
  ['漢字漢字', 5, '漢字…'],
  ['漢字漢字', 4, '漢…'],
  ['ab😀cd', 4, 'ab…'],
  ['ae\u0301io', 3, 'ae\u0301…'],
  ['abc', 3, 'abc'],
  ['abc', 1, '…'],
  ['abc', 0, ''],
])('%j cut to %i columns is %j', (text, columns, cut) => {
  expect(cutToWidth(text, columns)).toBe(cut)
})

const text = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '\u0301', '漢', '😀', '\ufe0f', '-'), maxLength: 30 })

test('a cut text is never wider than asked, holds no half of a surrogate pair, and is padded to exactly the width', () => {
  fc.assert(
    fc.property(text, fc.nat(40), (whole, columns) => {
      const cut = cutToWidth(whole, columns)
      expect(displayWidth(cut)).toBeLessThanOrEqual(columns)
      expect(cut).not.toMatch(/\p{Surrogate}/u)
      for (const align of ['left', 'right'] as const)
        expect(displayWidth(padToWidth(cut, columns, align))).toBe(columns)
      expect(whole.startsWith(cut.replace(/…$/, ''))).toBe(true)
    }),
  )
})

test('the fitting length is the longest one', () => {
  fc.assert(
    fc.property(text, fc.nat(40), (whole, columns) => {
      const length = fittingLength(whole, columns)
      expect(displayWidth(whole.slice(0, length))).toBeLessThanOrEqual(columns)
      const next = String.fromCodePoint(whole.codePointAt(length) ?? 0)
      if (length < whole.length) expect(displayWidth(whole.slice(0, length) + next)).toBeGreaterThan(columns)
    }),
  )
})
