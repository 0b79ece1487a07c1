import { closeSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { diskError, errnoOf } from '../../disk/disk-error.ts'
import { openRegularFile } from '../../disk/regular-file.ts'
import type { Trail } from '../../trail/trail.ts'
import { isHeadOf } from './read-journal.ts'
import { linesOf, longestLineBytes } from './file-lines.ts'

/**
 * The journal of the newest delete of a trail in a folder of journals; undefined if there is none. Other files, and journals of other
 * trails, are passed over. Throws `disk.…`.
 */
export function newestDelete(folder: string, trail: Trail): string | undefined {
  // The id of a run sorts by time
  const files = journalNames(folder).toSorted().toReversed()
  return files.map((name) => join(folder, name)).find((file) => isHeadOf(trail, firstLine(file)))
}

function journalNames(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /^delete-.+\.ndjson$/.test(entry.name))
      .map(({ name }) => name)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw diskError(error, folder)
  }
}

/** Undefined for a file without a whole line. */
function firstLine(file: string): string | undefined {
  try {
    const descriptor = openRegularFile(file, 'read')
    try {
      const read = (buffer: Buffer, at: number) =>
        at > longestLineBytes ? 0 : readSync(descriptor, buffer, 0, buffer.length, at)
      const [line] = linesOf({ read })
      return line?.ended === true ? line.text : undefined
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw diskError(error, file)
  }
}
