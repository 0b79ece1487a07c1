import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { maskSecret } from '../../src/secrets/mask-secret.ts'

it.each([
  ['', '****'],
  ['abcdefg', '****'],
  ['abcdefgh', '****gh'],
  ['abcdefghijklmno', '****mno'],
  ['abcdefghijklmnop', '****mnop'],
  ['abcdefghijklmnopqrstuvwxyz', '****wxyz'],
])('%j is shown as %s', (secret, shown) => {
  expect(maskSecret(secret)).toBe(shown)
})

it('never shows more than four characters, nor more than a quarter', () => {
  fc.assert(
    fc.property(fc.string(), (secret) => {
      const shown = maskSecret(secret).length - '****'.length
      expect(shown).toBeLessThanOrEqual(Math.min(4, secret.length / 4))
    }),
  )
})
