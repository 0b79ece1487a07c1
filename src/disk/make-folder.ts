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
    if (errno === 'ENOENT') throw cannotBeMade(path, error)
    if (errno !== 'EEXIST' && errno !== 'ENOTDIR') throw diskError(error, path)
  }
  throw notAFolder(path)
}

/** Why a folder cannot be made where the file system says that something is not there: what is there is not what it seems. */
function cannotBeMade(path: string, cause: unknown): CrosstrailError {
  const there = nearestThere(path)
  const isFolder = statSync(there, { throwIfNoEntry: false })?.isDirectory()
  if (isFolder !== true) return notAFolder(path)
  return new CrosstrailError('disk.not-writable', `${path} cannot be made: ${there} takes no new folders`, {
    hint: 'choose another folder: the file system there is not for files of users, as /proc is not',
    facts: { path, errno: 'ENOENT' },
    cause,
  })
}

/** Names what is in the way: the path, or what it should lie in. */
function notAFolder(path: string): CrosstrailError {
  const there = nearestThere(path)
  const isLink = statSync(there, { throwIfNoEntry: false }) === undefined
  const says = isLink ? 'is a symbolic link that leads nowhere' : 'is not a folder'
  const within = there === path ? '' : `, so ${path} cannot be made`
  return new CrosstrailError('disk.not-a-folder', `${there} ${says}${within}`, {
    hint: 'choose another folder, or move away what is there',
    facts: { path, there },
  })
}

/** The path, or the nearest of the folders above it, that something lies at. */
function nearestThere(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    if (at === dirname(at) || isThere(at)) return at
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    // Something above it is no folder.
    return false
  }
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
