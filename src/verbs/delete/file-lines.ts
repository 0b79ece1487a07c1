import type { PrivateFile } from '../../disk/private-file.ts'

export interface FileLine {
  readonly text: string
  /** False for a last line that has no newline: it was cut off. */
  readonly ended: boolean
}

const chunkBytes = 64 * 1024
/** The last line of a plan has a few hundred bytes for each log account, region, kind and month. All others are short. */
export const longestLineBytes = 128 * 1024 * 1024

/** The lines of a file, one after the other, whatever its size. No line of it is longer than `longestLineBytes`. Throws `disk.…`. */
export function* linesOf(file: Pick<PrivateFile, 'read'>): Generator<FileLine> {
  let rest: Buffer[] = []
  let at = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    const length = file.read(chunk, at)
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
  }
  if (rest.length > 0) yield { text: textOf(rest), ended: false }
}

function textOf(pieces: readonly Buffer[]): string {
  const [first] = pieces
  return (first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces)).toString('utf8')
}

export type JsonLine = Readonly<Record<string, unknown>>

/** Undefined for what is no JSON object. */
export function jsonLine(text: string): JsonLine | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonLine) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
