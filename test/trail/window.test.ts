import { expect, test } from 'vitest'
import { windowHolds } from '../../src/trail/window.ts'

test.each([
  [{ fromMs: 10, toMs: 20 }, 9, false],
  [{ fromMs: 10, toMs: 20 }, 10, true],
  [{ fromMs: 10, toMs: 20 }, 19, true],
  [{ fromMs: 10, toMs: 20 }, 20, false],
  [{ fromMs: 10 }, Number.MAX_SAFE_INTEGER, true],
  [{ toMs: 20 }, 0, true],
  [{}, 0, true],
])('%j holds %d: %s', (window, instantMs, holds) => {
  expect(windowHolds(window, instantMs)).toBe(holds)
})
