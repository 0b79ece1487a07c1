import { rmSync } from 'node:fs'
import { diskError } from './disk-error.ts'

/** Removes a file, which need not be there. Throws `disk.…`, `object.path-occupied` for a folder. */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    throw diskError(error, path)
  }
}
