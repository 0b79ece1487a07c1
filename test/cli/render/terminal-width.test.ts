import { expect, test } from 'vitest'
import { terminalWidth } from '../../../src/cli/render/terminal-width.ts'
import { Sink } from '../host.ts'

test.each([
  [{ isTTY: true, columns: 80 }, 80],
  [{ isTTY: true, columns: 0 }, undefined],
  [{ isTTY: true }, undefined],
  [{ columns: 80 }, undefined],
])('the width of %j is %s', (stream, width) => {
  expect(terminalWidth(Object.assign(new Sink(), stream))).toBe(width)
})
