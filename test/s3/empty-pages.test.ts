import { expect, test } from 'vitest'
import { EmptyPages } from '../../src/s3/empty-pages.ts'

const endless = expect.objectContaining({ code: 'bucket.endless-listing' }) as Error

/** How many empty pages are counted before there are too many, with so many milliseconds between them. */
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

test('ten thousand empty pages in a row are too many', () => {
  expect(counted(1)).toBe(10_000)
})

test('half an hour of empty pages is too long', () => {
  expect(counted(10_000)).toBe(180)
})
