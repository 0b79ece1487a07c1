import { type Stats, lstatSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { diskError, errnoOf } from './disk-error.ts'

/** Makes a folder that the user named, 0700, with its parents. It may be a link. Throws `disk.not-a-folder`, `disk.not-writable`, `disk.full`. */
export function makeNamedFolder(path: string): void {
  makeFolder(path, statSync)
}

/** Makes a folder of crosstrail's own. Refuses a symbolic link in its place, which may lead out of the target. */
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

/** Explains an ENOENT of mkdir: something in the path is not what it seems. */
function cannotBeMade(path: string, cause: unknown): CrosstrailError {
  const there = nearestThere(path)
  const isFolder = statSync(there, { throwIfNoEntry: false })?.isDirectory()
  if (isFolder !== true) return notAFolder(path)
  return new CrosstrailError('disk.not-writable', `cannot create ${path}: ${there} accepts no new folders`, {
    hint: 'choose another folder: this file system, such as /proc, does not store ordinary files',
    facts: { path, errno: 'ENOENT' },
    cause,
  })
}

/** Names the path that blocks: the path itself, or a parent. */
function notAFolder(path: string): CrosstrailError {
  const there = nearestThere(path)
  const isLink = statSync(there, { throwIfNoEntry: false }) === undefined
  const says = isLink ? 'is a symbolic link to nothing' : 'is not a folder'
  const within = there === path ? '' : `, so ${path} cannot be created`
  return new CrosstrailError('disk.not-a-folder', `${there} ${says}${within}`, {
    hint: 'choose another folder, or move that file away',
    facts: { path, there },
  })
}

/** Returns the path, or its nearest parent that exists. */
function nearestThere(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    if (at === dirname(at) || isThere(at)) return at
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    // A parent is not a folder.
    return false
  }
}

/** Not `recursive`: Node then never returns if a file system answers ENOENT to every mkdir, as /proc does. */
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
    // Some systems check whether the parent is read-only or protected before they see that the folder exists.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}
