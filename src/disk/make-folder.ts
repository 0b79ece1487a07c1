import { type Stats, lstatSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { diskError, errnoOf } from './disk-error.ts'

/** Makes a folder that the user named, with its parents, 0700. It may be a link to one. Throws `disk.not-a-folder`, `disk.not-writable`, `disk.full`. */
export function makeNamedFolder(path: string): void {
  makeFolder(path, statSync)
}

/** The same for a folder of crosstrail's own: a symbolic link in its place is refused, since it may lead out of the target. */
export function makeOwnFolder(path: string): void {
  makeFolder(path, lstatSync)
}

function makeFolder(path: string, look: (path: string) => Stats): void {
  try {
    makeWithParents(path)
    if (look(path).isDirectory()) return
  } catch (error) {
    const errno = errnoOf(error)
    if (errno !== 'EEXIST' && errno !== 'ENOTDIR') throw diskError(error, path)
  }
  throw new CrosstrailError('disk.not-a-folder', `${path} is not a folder`, {
    hint: 'choose another folder, or move away what is there',
    facts: { path },
  })
}

/** Not `recursive`: Node never returns from that where a file system answers ENOENT to every mkdir, as /proc does. */
function makeWithParents(path: string): void {
  try {
    makeOne(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    makeWithParents(dirname(path))
    makeOne(path)
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return
    // Some systems answer for a read-only or guarded parent before they see that the folder is there.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}
