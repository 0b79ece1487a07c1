import { expect, test } from 'vitest'
import { paintFor } from '../../../src/cli/render/colour.ts'
import { Sink } from '../host.ts'

test.each([
  ['a terminal', { isTTY: true }, {}, false, true],
  ['a pipe', {}, {}, false, false],
  ['NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false, false],
  ['an empty NO_COLOR', { isTTY: true }, { NO_COLOR: '' }, false, true],
  ['--no-color', { isTTY: true }, { FORCE_COLOR: '1' }, true, false],
  ['FORCE_COLOR in a pipe', {}, { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', { isTTY: true }, { FORCE_COLOR: '0' }, false, false],
  ['NO_COLOR beside FORCE_COLOR', {}, { NO_COLOR: '1', FORCE_COLOR: '1' }, false, false],
  ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false, false],
])('turns colors on or off for %s', (_title, stream, env, noColor, colored) => {
  const sink = Object.assign(new Sink(), stream)
  expect(paintFor(sink, env, noColor)('red', 'x') !== 'x').toBe(colored)
})
