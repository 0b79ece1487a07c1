import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { cleanText } from '../../src/identity/clean-text.ts'
import { rememberWord } from '../../src/secrets/masked-text.ts'

test('no control or direction character passes', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (text) => !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(cleanText(text)),
    ),
  )
})

test('an endless text is cut', () => {
  expect(cleanText('a'.repeat(10_000))).toHaveLength(400)
})

test('a secret is masked before the text is cut, so that no part of it stays', () => {
  rememberWord('external-id-of-Z')
  expect(cleanText(`${'a '.repeat(198)} external-id-of-Z`)).not.toContain('ext')
})

test('a web token is masked though nobody named it', () => {
  expect(cleanText('bad token eyJhbGciOi.eyJzdWIi.c2lnbmF0')).toBe('bad token ****')
})
