import { closeSync, openSync, readSync } from 'node:fs'
import { CrosstrailError } from '../../error.ts'

export interface FileLine {
  readonly text: string
  /** False for a last line that has no newline: it was cut off. */
  readonly ended: boolean
}

const chunkBytes = 64 * 1024
/** A key has 1,024 bytes at most: what is longer than this is no line of crosstrail's. */
const longestLineBytes = 16 * 1024 * 1024

/** The lines of a file, one after the other, whatever its size. Throws `usage.unreadable-file`. */
export function* fileLines(file: string): Generator<FileLine> {
  const descriptor = readable(file, () => openSync(file, 'r'))
  try {
    const chunk = Buffer.alloc(chunkBytes)
    let rest = Buffer.alloc(0)
    for (;;) {
      const length = readable(file, () => readSync(descriptor, chunk))
      if (length === 0) break
      const bytes = Buffer.concat([rest, chunk.subarray(0, length)])
      let from = 0
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
        yield { text: bytes.toString('utf8', from, at), ended: true }
        from = at + 1
      }
      rest = bytes.subarray(from)
      if (rest.length > longestLineBytes) throw unreadable(file, 'a line is longer than 16 MiB')
    }
    if (rest.length > 0) yield { text: rest.toString('utf8'), ended: false }
  } finally {
    closeSync(descriptor)
  }
}

function readable<T>(file: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw unreadable(file, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function unreadable(file: string, why: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('usage.unreadable-file', `cannot read ${file}: ${why}`, {
    hint: 'name a file that crosstrail wrote: a plan for --from-plan, a journal for --journal',
    facts: { file },
    cause,
  })
}
