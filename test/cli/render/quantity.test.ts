import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatBytes, formatCount, formatRate, formatSeconds } from '../../../src/cli/render/quantity.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [5700, '5.7 kB'],
  [99_499, '99.5 kB'],
  [123_456, '123 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [1.25e9, '1.3 GB'],
  [2.5e15, '2.5 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('no size is wider than its column', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999e15 }), (bytes) => {
      expect(formatBytes(bytes).length).toBeLessThanOrEqual(7)
    }),
  )
})

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
])('the count %d is %s', (count, text) => {
  expect(formatCount(count)).toBe(text)
})

test.each([
  [0, '0.0 s'],
  [4.21, '4.2 s'],
  [59.94, '59.9 s'],
  [59.96, '1:00'],
  [65, '1:05'],
  [7384, '2:03:04'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text)
})

test('a rate without time is a dash', () => {
  expect([formatRate(10, 0), formatRate(10e6, 4)]).toEqual(['-', '2.5 MB/s'])
})
