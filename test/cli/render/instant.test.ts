import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instantText } from '../../../src/cli/render/instant.ts'
import { formatInstant } from '../../../src/trail/time.ts'

test('gives the same text as formatInstant, after any other instant', () => {
  const day = fc.integer({ min: 0, max: 20_000 }).map((days) => days * 86_400_000)
  const near = fc.tuple(day, fc.integer({ min: -2000, max: 86_402_000 })).map(([dayMs, ms]) => Math.max(0, dayMs + ms))
  fc.assert(
    fc.property(fc.array(near, { minLength: 1 }), (instants) => {
      expect(instants.map(instantText)).toEqual(instants.map(formatInstant))
    }),
  )
})
