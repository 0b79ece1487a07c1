import type { Output } from '../streams.ts'

/** The columns of a terminal; undefined if the stream is not a terminal or its width is unknown. */
export function terminalWidth(stream: Output): number | undefined {
  return stream.isTTY === true && stream.columns !== undefined && stream.columns > 0 ? stream.columns : undefined
}
