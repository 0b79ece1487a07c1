import fc from 'fast-check'
import { expect, test } from 'vitest'
import { element, insidesOf, textOf } from '../../src/lab/write-xml.ts'

test('any text without lone surrogates is read back from an element', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(textOf(element('Key', text), 'Key')).toBe(text)
    }),
  )
})

test('writes control characters as references', () => {
  expect(element('Key', 'a\u0001b\r')).toBe('<Key>a&#x1;b&#xd;</Key>')
})

test('distinguishes elements with the same name', () => {
  expect(insidesOf('<O><Key>a</Key></O><O><Key>b</Key></O>', 'O')).toEqual(['<Key>a</Key>', '<Key>b</Key>'])
})
