import { expect, test } from 'vitest'
import { type CopyMode, copyMode, maxServerSideBytes } from '../../../src/sinks/bucket/copy-mode.ts'

const mebibyte = 1024 ** 2
const limits = { maxCopyBytes: maxServerSideBytes, maxHeldBytes: 8 * mebibyte }

test.each<[number, boolean, CopyMode]>([
  [0, false, 'server-side'],
  [9 * mebibyte, false, 'server-side'],
  [5 * 1024 * mebibyte, false, 'server-side'],
  [5 * 1024 * mebibyte + 1, false, 'server-side-parts'],
  [0, true, 'streamed'],
  [8 * mebibyte, true, 'streamed'],
  [8 * mebibyte + 1, true, 'streamed-parts'],
  [5 * 1024 * mebibyte + 1, true, 'streamed-parts'],
])('copies %d bytes, another account writing: %j, by %s', (sizeBytes, anotherWrites, mode) => {
  expect(copyMode(sizeBytes, anotherWrites, limits)).toBe(mode)
})
