import { expect, test } from 'vitest'
import { showSpread, spreadOf } from '../../scripts/bench/statistics.ts'

test('the median of an odd number of values is the middle one', () => {
  expect(spreadOf([3, 1, 10])).toEqual({ median: 3, least: 1, most: 10 })
})

test('the median of an even number of values is the mean of the two in the middle', () => {
  expect(spreadOf([4, 1, 10, 2]).median).toBe(3)
})

test('without values there is no median', () => {
  expect(() => spreadOf([])).toThrow('nothing was measured')
})

test('a range that rounds to one number is shown as that number', () => {
  expect(showSpread({ median: 1.001, least: 0.999, most: 1.002 }, 2)).toBe('1.00')
  expect(showSpread({ median: 1, least: 0.9, most: 1.2 }, 2)).toBe('1.00 (0.90–1.20)')
})
