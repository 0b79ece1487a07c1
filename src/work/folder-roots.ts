import { realpathSync, type Stats, statSync } from 'node:fs'
import { isAbsolute, relative, sep } from 'node:path'
import { errnoOf } from '../disk/disk-error.ts'
import { CrosstrailError } from '../error.ts'
import { unreadableFile } from './unreadable-file.ts'

/** The folder that a mirror of crosstrail keeps for itself. It holds no logs of the trail. */
export const stateFolder = '.crosstrail'

/** Whether a file in a folder is read as a log. A file that the user names is always read. */
export function isLogName(name: string): boolean {
  return /\.json(\.gz)?$/.test(name)
}

/** A folder or a file that the user named. */
export interface FolderRoot {
  /** As the user wrote it, without a slash at its end. */
  readonly path: string
  /** Without links. */
  readonly realPath: string
  readonly stats: Stats
}

/**
 * Finds the roots, and leaves out each one that another root includes, so that no file is read twice. Throws `disk.not-found` for a path
 * that does not exist, and `object.unreadable`.
 */
export function findRoots(paths: readonly string[]): FolderRoot[] {
  const roots = paths.map(findRoot)
  return roots.filter((root, at) => !roots.some((other, otherAt) => includesRoot(other, root, otherAt < at)))
}

/** Throws `usage.unreadable-file` for a path that does not exist or cannot be reached. `hint` says what to name instead. */
export function demandPaths(paths: readonly string[], hint: string): void {
  for (const path of paths) {
    try {
      statSync(path)
    } catch (error) {
      const why = errnoOf(error) === 'ENOENT' ? 'it does not exist' : errnoOf(error)
      throw new CrosstrailError('usage.unreadable-file', `cannot read ${path}: ${why}`, { hint, facts: { path } })
    }
  }
}

/** The path by which walking a root reaches this file. Undefined if it does not. */
export function pathBelow(root: FolderRoot, realPath: string): string | undefined {
  if (realPath === root.realPath) return root.path
  if (!root.stats.isDirectory()) return undefined
  const below = relative(root.realPath, realPath)
  const names = below.split(sep)
  if (names[0] === '..' || isAbsolute(below) || names.includes(stateFolder)) return undefined
  return joined(root.path, below)
}

/** Keeps a path as the user wrote it, which `path.join` would not. */
export function joined(folder: string, name: string): string {
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`
}

function findRoot(path: string): FolderRoot {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) {
      throw new CrosstrailError('disk.not-found', `${path} does not exist`, { facts: { path } })
    }
    const withoutSlash = path.length > 1 && stats.isDirectory() ? path.replace(/(?<=.)\/+$/, '') : path
    return { path: withoutSlash, realPath: realpathSync.native(path), stats }
  } catch (error) {
    throw error instanceof CrosstrailError ? error : unreadableFile(path, error)
  }
}

function includesRoot(other: FolderRoot, root: FolderRoot, isEarlier: boolean): boolean {
  if (other === root) return false
  // A folder that is mounted twice has two real paths.
  const isSame = other.stats.dev === root.stats.dev && other.stats.ino === root.stats.ino
  if (isSame || other.realPath === root.realPath) return isEarlier
  const path = pathBelow(other, root.realPath)
  return path !== undefined && (root.stats.isDirectory() || isLogName(root.realPath))
}
