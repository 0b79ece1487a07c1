import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oneOf, sizeInBytes, timeoutInMs, wholeNumber } from '../../src/cli/parse-text.ts'

test.each([
  ['1', 1],
  ['4096', 4096],
  ['10GB', 10e9],
  ['10gb', 10e9],
  ['10 GB', 10e9],
  ['500MiB', 500 * 1024 ** 2],
  ['1.5kB', 1500],
  ['2TiB', 2 * 1024 ** 4],
  ['7b', 7],
])('the size %s is %d bytes', (text, bytes) => {
  expect(sizeInBytes(text, '--max-bytes')).toBe(bytes)
})

test.each(['', '0', '-1', '10XB', 'GB', '1e9', '0.5', '10GBs', '99999999999TB', '0x10', ' 1', 'NaN', '1,5GB'])(
  '%j is not a size',
  (text) => {
    expect(() => sizeInBytes(text, '--max-bytes')).toThrow(
      `--max-bytes is ${JSON.stringify(text)}, expected a size like 10GB, 500MiB or 4096`,
    )
  },
)

test('reads a number in its range and refuses any other text', () => {
  const read = wholeNumber(1, 512)
  fc.assert(
    fc.property(fc.oneof(fc.integer().map(String), fc.string()), (text) => {
      const inRange = /^\d{1,16}$/.test(text) && Number(text) >= 1 && Number(text) <= 512
      if (inRange) expect(read(text, '--concurrency')).toBe(Number(text))
      else expect(() => read(text, '--concurrency')).toThrow('expected a whole number from 1 to 512')
    }),
  )
})

test.each([
  ['1s', 1000],
  ['30s', 30_000],
  ['2m', 120_000],
  ['24h', 86_400_000],
])('the time-out %s is %d ms', (text, ms) => {
  expect(timeoutInMs(text, '--timeout')).toBe(ms)
})

test.each(['', '0s', '25h', '30', '1d', '-1s', '1.5s'])('%j is not a time-out', (text) => {
  expect(() => timeoutInMs(text, '--timeout')).toThrow('expected a duration like 30s or 2m')
})

test('refuses a word that is not a choice, and suggests the nearest', () => {
  expect(() => oneOf(['table', 'json', 'csv'])('jsno', '--output')).toThrow(
    expect.objectContaining({
      message: '--output is "jsno", expected table, json, csv',
      hint: 'did you mean json?',
    }),
  )
})
