import { expect, it } from 'vitest'

import { durationSeconds } from '../../src/config/duration.ts'

it.each([
  [3600, 3600],
  ['3600', 3600],
  ['1h', 3600],
  ['900s', 900],
  ['1h30m', 5400],
  ['soon', undefined],
  ['', undefined],
  [true, undefined],
  [undefined, undefined],
])('%j is %j seconds', (duration, seconds) => {
  expect(durationSeconds(duration)).toBe(seconds)
})
