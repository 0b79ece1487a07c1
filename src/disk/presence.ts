import { lstatSync } from 'node:fs'
import { diskError, errnoOf } from './disk-error.ts'

/** What is at a path now. A symbolic link counts as no file: it is never followed. */
export interface LocalState {
  readonly exists: boolean
  readonly isFile: boolean
  readonly isFolder: boolean
  readonly sizeBytes: number
  readonly mtimeMs: number
  /** When the content or the name last changed. For a file of crosstrail, this is when it got its name. */
  readonly changedMs: number
}

export interface PresenceFacts {
  readonly local: LocalState
  readonly listedSizeBytes: number
  readonly listedLastModifiedMs: number
  /** The listed ETag looks like an MD5: 32 hex digits. */
  readonly etagMayBeMd5: boolean
  readonly decompress: boolean
  readonly overwrite: boolean
}

export type PresenceDecision = 'fetch' | 'skip' | 'compare-content'

/**
 * Decides whether an object is present. Times are compared to the second, because S3 stores no more.
 *
 * | overwrite | local file | stored as    | size    | time   | ETag        | decision        |
 * | --------- | ---------- | ------------ | ------- | ------ | ----------- | --------------- |
 * | yes       |            |              |         |        |             | fetch           |
 * | no        | missing    |              |         |        |             | fetch           |
 * | no        | no file    |              |         |        |             | fetch           |
 * | no        | exists     | raw          | differs |        |             | fetch           |
 * | no        | exists     | raw          | equal   | equal  |             | skip            |
 * | no        | exists     | raw          | equal   | differs| may be MD5  | compare-content |
 * | no        | exists     | raw          | equal   | differs| no MD5      | fetch           |
 * | no        | exists     | decompressed | over 0  | equal  |             | skip            |
 * | no        | exists     | decompressed | 0       |        |             | fetch           |
 * | no        | exists     | decompressed |         | differs|             | fetch           |
 *
 * If there is something other than a file, the decision is `fetch`, and the write then reports it.
 */
export function decidePresence(facts: PresenceFacts): PresenceDecision {
  const { local, overwrite, decompress } = facts
  if (overwrite || !local.exists || !local.isFile) return 'fetch'

  const sameTime = Math.floor(local.mtimeMs / 1000) === Math.floor(facts.listedLastModifiedMs / 1000)
  if (decompress) return sameTime && local.sizeBytes > 0 ? 'skip' : 'fetch'
  if (local.sizeBytes !== facts.listedSizeBytes) return 'fetch'
  if (sameTime) return 'skip'
  return facts.etagMayBeMd5 ? 'compare-content' : 'fetch'
}

export const missing: LocalState = {
  exists: false,
  isFile: false,
  isFolder: false,
  sizeBytes: 0,
  mtimeMs: 0,
  changedMs: 0,
}

export function localState(path: string): LocalState {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return missing
    return {
      exists: true,
      isFile: stats.isFile(),
      isFolder: stats.isDirectory(),
      sizeBytes: stats.size,
      mtimeMs: stats.mtimeMs,
      changedMs: stats.ctimeMs,
    }
  } catch (error) {
    // A file is in place of a folder, so the object itself is missing.
    if (errnoOf(error) === 'ENOTDIR') return missing
    throw diskError(error, path)
  }
}
