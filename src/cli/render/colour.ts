import { styleText } from 'node:util'
import type { Environment } from '../../config/environment.ts'
import type { Output } from '../streams.ts'

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green'

/** Puts a style on a text, or leaves it as it is where colors are off. */
export type Paint = (style: Style, text: string) => string

/** The paint of a stream. Colors are off by `--no-color`, `NO_COLOR`, `FORCE_COLOR=0`, `TERM=dumb` and where there is no terminal, in that order. */
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
