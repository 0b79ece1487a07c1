import { readdirSync } from 'node:fs'
import { minuteMs } from '../../trail/calendar.ts'
import { parseFileName } from '../../trail/file-name.ts'
import { joined } from '../../work/folder-roots.ts'
import { unreadableFile } from '../../work/unreadable-file.ts'
import { findMirrorFolders, type MirrorFolder } from '../verify/mirror-folders.ts'

/**
 * Returns until when folders are whole. If digests are checked, that is the end of the newest one, else the minute after the newest file.
 * Undefined if there is nothing. A folder is a copy of some time, so nothing is expected in it after that. Throws as `findMirrorFolders`.
 */
export function endOfFolders(dirs: readonly string[], digestsAreChecked: boolean): number | undefined {
  const folders = findMirrorFolders(dirs)
  const digests = folders.filter(({ kind }) => kind === 'digest')
  const newestDigestMs = digestsAreChecked ? newestOf(digests) : undefined
  if (newestDigestMs !== undefined) return newestDigestMs
  const newestMs = newestOf(folders)
  return newestMs === undefined ? undefined : newestMs + minuteMs
}

function newestOf(folders: readonly MirrorFolder[]): number | undefined {
  const found = folders.map(newestIn).filter((instant) => instant !== undefined)
  return found.length === 0 ? undefined : Math.max(...found)
}

/** The newest stamp in the newest day that has any. */
function newestIn({ path, logAccount, region, kind }: MirrorFolder): number | undefined {
  for (const year of newestFirst(path, /^\d{4}$/)) {
    for (const month of newestFirst(joined(path, year), /^\d{2}$/)) {
      for (const day of newestFirst(joined(path, `${year}/${month}`), /^\d{2}$/)) {
        const folder = `${year}/${month}/${day}`
        const stamps = newestFirst(joined(path, folder), /\.json(?:\.gz)?$/)
          .map((name) => parseFileName(`${folder}/${zipped(name)}`, 0, logAccount, region, kind)?.deliveredAtMs)
          .filter((stamp) => stamp !== undefined)
        if (stamps.length > 0) return Math.max(...stamps)
      }
    }
  }
  return undefined
}

/** A mirror may hold unzipped logs. */
function zipped(name: string): string {
  return name.endsWith('.gz') ? name : `${name}.gz`
}

function newestFirst(path: string, pattern: RegExp): string[] {
  try {
    return readdirSync(path)
      .filter((name) => pattern.test(name))
      .toSorted()
      .toReversed()
  } catch (error) {
    throw unreadableFile(path, error)
  }
}
