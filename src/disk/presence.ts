import { lstatSync } from 'node:fs'
import { diskError, errnoOf } from './disk-error.ts'

/** What lies at a path now. A symbolic link is no file: it is never followed. */
export interface LocalState {
  readonly exists: boolean
  readonly isFile: boolean
  readonly isFolder: boolean
  readonly sizeBytes: number
  readonly mtimeMs: number
  /** When its content or its name last changed: of a file of ours, when it got its name. */
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
 * Whether an object is there already and right. Times are compared to the second, which is all S3 keeps.
 *
 * | overwrite | local file | stored as    | size    | time   | ETag        | decision        |
 * | --------- | ---------- | ------------ | ------- | ------ | ----------- | --------------- |
 * | yes       |            |              |         |        |             | fetch           |
 * | no        | missing    |              |         |        |             | fetch           |
 * | no        | no file    |              |         |        |             | fetch           |
 * | no        | there      | raw          | differs |        |             | fetch           |
 * | no        | there      | raw          | equal   | equal  |             | skip            |
 * | no        | there      | raw          | equal   | differs| may be MD5  | compare-content |
 * | no        | there      | raw          | equal   | differs| no MD5      | fetch           |
 * | no        | there      | decompressed | over 0  | equal  |             | skip            |
 * | no        | there      | decompressed | 0       |        |             | fetch           |
 * | no        | there      | decompressed |         | differs|             | fetch           |
 *
 * `fetch` where something that is no file is there: writing then says what is in the way.
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
    // A file where a folder should be: the object itself is missing.
    if (errnoOf(error) === 'ENOTDIR') return missing
    throw diskError(error, path)
  }
}
