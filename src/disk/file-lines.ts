import { setImmediate } from 'node:timers/promises'
import type { PrivateFile } from './private-file.ts'
import { CrosstrailError } from '../error.ts'

export interface FileLine {
  readonly text: string
  /** False for a last line without a newline, because it was cut off. */
  readonly ended: boolean
}

const chunkBytes = 1024 * 1024
/** The last line of a plan has a few hundred bytes for each log account, region, kind and month. All other lines are short. */
export const longestLineBytes = 128 * 1024 * 1024

/**
 * The lines of a file of any size. No line is longer than `longestLineBytes`. It pauses after each MiB, so that signals are handled.
 * Throws `disk.…`, and `interrupted` once `signal` is aborted.
 */
export async function* linesOf(
  file: string,
  { read }: Pick<PrivateFile, 'read'>,
  signal: AbortSignal,
): AsyncGenerator<FileLine> {
  let rest: Buffer[] = []
  for (let at = 0; ;) {
    if (signal.aborted) throw stopped(file)
    const chunk = Buffer.allocUnsafe(chunkBytes)
    const length = read(chunk, at)
    if (length === 0) break
    at += length
    let from = 0
    for (let end = chunk.indexOf(10); end !== -1 && end < length; end = chunk.indexOf(10, from)) {
      const line = chunk.subarray(from, end)
      yield { text: textOf([...rest, line]), ended: true }
      rest = []
      from = end + 1
    }
    if (from < length) rest.push(chunk.subarray(from, length))
    await setImmediate()
  }
  if (rest.length > 0) yield { text: textOf(rest), ended: false }
}

export function stopped(file: string): CrosstrailError {
  return new CrosstrailError('interrupted', `stopped while reading ${file}`)
}

function textOf(pieces: readonly Buffer[]): string {
  const [first] = pieces
  return (first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces)).toString('utf8')
}

export type JsonLine = Readonly<Record<string, unknown>>

/** Undefined if the text is not a JSON object. */
export function jsonLine(text: string): JsonLine | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonLine) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
