import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { maskSecret as maskOfConfig } from '../../src/config/mask.ts'
import { cleanText, maskSecret } from '../../src/identity/mask.ts'

test('a long secret shows its last four characters', () => {
  expect(maskSecret('Unique_ID_Assigned_by_Z')).toBe('****by_Z')
})

test('a short secret shows nothing, its length neither', () => {
  expect(maskSecret('abcdefg')).toBe('****')
})

test('the config masks by the same rule', () => {
  fc.assert(
    fc.property(fc.string(), (secret) => {
      expect(maskSecret(secret)).toBe(maskOfConfig(secret))
    }),
  )
})

test('no secret of six characters or more is left in a text', () => {
  fc.assert(
    fc.property(fc.string(), fc.stringMatching(/^[\w+=,.@:/-]{6,40}$/), fc.string(), (before, secret, after) => {
      fc.pre(!maskSecret(secret).includes(secret))
      return !cleanText(`${before} ${secret} ${after}`, [secret]).includes(secret)
    }),
  )
})

test('a secret of two letters is masked where it stands alone', () => {
  expect(cleanText("the user said Value 'us' is wrong", ['us'])).toBe("the user said Value '****' is wrong")
})

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

test('a web token is masked though nobody named it', () => {
  expect(cleanText('bad token eyJhbGciOi.eyJzdWIi.c2lnbmF0')).toBe('bad token ****')
})
