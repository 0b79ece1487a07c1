import type { FileForm } from '../../disk/file-form.ts'
import { readRegularFile } from '../../disk/regular-file.ts'
import { mirrorPath } from '../../disk/mirror-path.ts'
import { CrosstrailError, hasCode } from '../../error.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { unreadableFile } from '../../work/unreadable-file.ts'

/** The folder that a run has written the logs to. Plain data. */
export interface WrittenFolder extends Pick<FileForm, 'layout' | 'decompress'> {
  readonly root: string
}

/** Returns the path of a log in such a folder; undefined if its key cannot be a path. */
export function writtenPath(object: LogObject, folder: WrittenFolder): string | undefined {
  try {
    return mirrorPath(object, folder)
  } catch (error) {
    if (error instanceof CrosstrailError && error.code.startsWith('object.')) return undefined
    throw error
  }
}

/** Reads the file of a log; undefined if there is none. Throws `object.unreadable`, `object.inflates-too-much`. */
export function readLogFile(
  path: string,
  maxInflatedBytes: number,
  options: { readonly followLink: boolean },
): Buffer | undefined {
  try {
    return readRegularFile(path, maxInflatedBytes, options)
  } catch (error) {
    if (isNoFolder(error)) return undefined
    if (!hasCode(error, 'disk.too-large')) throw unreadableFile(path, error)
    const message = `${path} is larger than ${maxInflatedBytes} bytes`
    throw new CrosstrailError('object.inflates-too-much', message, { hint: 'raise --max-inflated', facts: { path } })
  }
}

/** A file is in place of a folder, so the log itself is missing. */
function isNoFolder(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOTDIR'
}
