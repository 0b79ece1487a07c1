import type { Output } from '../streams.ts'

/** The columns of a terminal; undefined where there is none, or one that does not say. */
export function terminalWidth(stream: Output): number | undefined {
  return stream.isTTY === true && stream.columns !== undefined && stream.columns > 0 ? stream.columns : undefined
}
