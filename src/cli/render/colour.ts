import { styleText } from 'node:util'
import type { Environment } from '../../config/environment.ts'
import type { Output } from '../streams.ts'

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green'

/** Applies a style to a text. Returns the text unchanged if colors are off. */
export type Paint = (style: Style, text: string) => string

/** The paint for a stream. Checks `--no-color`, `NO_COLOR`, `FORCE_COLOR`, and then `TERM=dumb` and whether it is a terminal. */
export function paintFor(stream: Output, env: Environment, noColor: boolean): Paint {
  if (!hasColours(stream, env, noColor)) return (_style, text) => text
  return (style, text) => styleText(style, text, { validateStream: false })
}

function hasColours(stream: Output, env: Environment, noColor: boolean): boolean {
  if (noColor || env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}
