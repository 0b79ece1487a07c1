import { createHash } from 'node:crypto'
import { closeSync, readSync, utimesSync } from 'node:fs'
import { hasCode } from '../error.ts'
import type { ListedObject } from '../trail/log-object.ts'
import { looksLikeMd5, md5Available } from './md5.ts'
import { diskError, errnoOf } from './disk-error.ts'
import { type LocalState, decidePresence } from './presence.ts'
import { openRegularFile } from './regular-file.ts'

export interface PresenceOptions {
  readonly decompress: boolean
  readonly overwrite: boolean
  /** A file that proves equal gets the object's time, so that the next run need not read it. */
  readonly mayTouch: boolean
}

/** True if the file is the object. Reads the file if `decidePresence` asks to compare its content. */
export function isPresent(path: string, local: LocalState, object: ListedObject, options: PresenceOptions): boolean {
  const decision = decidePresence({
    local,
    listedSizeBytes: object.sizeBytes,
    listedLastModifiedMs: object.lastModifiedMs,
    etagMayBeMd5: looksLikeMd5(object.etag) && md5Available(),
    decompress: options.decompress,
    overwrite: options.overwrite,
  })
  if (decision !== 'compare-content') return decision === 'skip'
  if (fileMd5(path) !== object.etag.toLowerCase()) return false
  if (options.mayTouch) setTime(path, object.lastModifiedMs)
  return true
}

/** Returns undefined for a file that cannot be read, which is then fetched again. */
function fileMd5(path: string): string | undefined {
  let fd: number | undefined
  try {
    fd = openRegularFile(path, 'read')
    const hash = createHash('md5')
    const buffer = Buffer.allocUnsafe(256 * 1024)
    for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer)) {
      hash.update(buffer.subarray(0, length))
    }
    return hash.digest('hex')
  } catch (error) {
    if (isDenied(error) || errnoOf(error) === 'ENOENT' || hasCode(error, 'disk.not-a-file')) return undefined
    throw diskError(error, path)
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function setTime(path: string, mtimeMs: number): void {
  try {
    utimesSync(path, mtimeMs / 1000, mtimeMs / 1000)
  } catch (error) {
    // The content is equal. If another user owns the file, the next run only compares it again.
    if (!isDenied(error)) throw diskError(error, path)
  }
}

function isDenied(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(error) ?? '')
}
