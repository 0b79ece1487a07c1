import { closeSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { diskError, errnoOf } from '../../disk/disk-error.ts'
import { openRegularFile } from '../../disk/regular-file.ts'
import { CrosstrailError } from '../../error.ts'
import type { Trail } from '../../trail/trail.ts'
import { linesOf, longestLineBytes } from '../../disk/file-lines.ts'
import { isHeadOf } from './read-journal.ts'

/**
 * The journal of the newest delete of a trail in a folder of journals. Ignores other files, and journals of other trails.
 * Throws `usage.no-journal`, `disk.…`, `interrupted`.
 */
export async function newestDelete(folder: string, trail: Trail, signal: AbortSignal): Promise<string> {
  // The id of a run sorts by time.
  for (const name of journalNames(folder).toSorted().toReversed()) {
    const file = join(folder, name)
    if (isHeadOf(trail, await firstLine(file, signal))) return file
  }
  throw new CrosstrailError('usage.no-journal', `${folder} has no journal of a delete of this trail`, {
    hint: 'name the journal with --journal, or its folder with --journal-dir',
    facts: { folder },
  })
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

/** Undefined for a file without a complete line. */
async function firstLine(file: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const descriptor = openRegularFile(file, 'read')
    try {
      const read = (buffer: Buffer, at: number) =>
        at > longestLineBytes ? 0 : readSync(descriptor, buffer, 0, buffer.length, at)
      const { value: line } = await linesOf(file, { read }, signal).next()
      return line?.ended === true ? line.text : undefined
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw diskError(error, file)
  }
}
