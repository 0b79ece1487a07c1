import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { cleanText } from '../../src/identity/clean-text.ts'
import { rememberWord } from '../../src/secrets/masked-text.ts'

test('removes control and direction characters', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (text) => !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(cleanText(text)),
    ),
  )
})

test('shortens a very long text', () => {
  expect(cleanText('a'.repeat(10_000))).toHaveLength(400)
})

test('masks a secret before it shortens the text, so that no part of the secret remains', () => {
  rememberWord('external-id-of-Z')
  expect(cleanText(`${'a '.repeat(198)} external-id-of-Z`)).not.toContain('ext')
})

test('masks a web token that was not remembered', () => {
  expect(cleanText('bad token eyJhbGciOi.eyJzdWIi.c2lnbmF0')).toBe('bad token ****')
})
