import { expect, test } from 'vitest'
import { EmptyPages } from '../../src/s3/empty-pages.ts'

const endless = expect.objectContaining({ code: 'bucket.endless-listing' }) as Error

/** Returns how many empty pages are counted before the limit, with this many milliseconds between them. */
function counted(betweenMs: number): number {
  let nowMs = 1e6
  const pages = new EmptyPages('AWSLogs/', undefined, () => nowMs)
  for (let count = 1; ; count++) {
    nowMs += betweenMs
    try {
      pages.count()
    } catch (error) {
      expect(error).toEqual(endless)
      return count
    }
  }
}

test('allows fewer than ten thousand consecutive empty pages', () => {
  expect(counted(1)).toBe(10_000)
})

test('allows less than half an hour of empty pages', () => {
  expect(counted(10_000)).toBe(180)
})
