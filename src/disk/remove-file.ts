import { unlinkSync } from 'node:fs'
import { diskError, errnoOf } from './disk-error.ts'

/** Removes a file, if it exists. Throws `disk.…`, and `object.path-occupied` for a folder. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw diskError(error, path)
  }
}
