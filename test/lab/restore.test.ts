import fc from 'fast-check'
import { expect, test } from 'vitest'
import { restoreExpiryMs } from '../../src/lab/restore-object.ts'

test('a restored copy lasts at least its days, until a midnight UTC, and less than a day more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 365 }), (nowMs, days) => {
      const expiresAtMs = restoreExpiryMs(nowMs, days)
      const extraMs = expiresAtMs - nowMs - days * 86_400_000
      expect([expiresAtMs % 86_400_000, extraMs >= 0, extraMs < 86_400_000]).toEqual([0, true, true])
    }),
  )
})
