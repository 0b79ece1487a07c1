import { type Stats, lstatSync, mkdirSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { ownText } from '../trail/own-text.ts'
import { diskError, errnoOf, onDisk } from './disk-error.ts'

const maxRemembered = 10_000
/** How long a check of a folder and its parents is valid. A check for each file would cost a tenth of a small download. */
const freshMs = 10

/** The identity of a folder in the file system, and when it was checked. */
interface Seen {
  readonly dev: number
  readonly ino: number
  readonly atMs: number
}

/**
 * The folders of the mirror. Symbolic links are never followed. Throws `object.unsafe-path` for a link, `object.path-occupied` for a file
 * in place of a folder, and `disk.not-found` for a folder that disappeared.
 *
 * A folder may become a link during a run. So each folder and its parents are checked again if the last check is 10 ms old, at the latest
 * by `confirm`, right before a file gets its name. A change after that check is not noticed, because Node cannot name a file relative to an
 * open folder.
 */
export class SafeFolders {
  readonly #root: string
  readonly #seen = new Map<string, Seen>()
  /** Each object of a missing folder asks for it; one check is enough. */
  readonly #missing = new Set<string>()
  /** Folders that this run made, which were empty then. */
  readonly #made = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  /** True if the folder existed when it was first asked for, or was made since. Makes nothing. */
  exists(relativeFolder: string): boolean {
    if (this.#missing.has(relativeFolder)) return false
    const exists = this.#isThere(relativeFolder, freshMs)
    if (!exists) {
      if (this.#missing.size >= maxRemembered) this.#missing.clear()
      this.#missing.add(ownText(relativeFolder))
    }
    return exists
  }

  /** True if this run made the folder, so that only this run's files are in it. */
  isOwn(relativeFolder: string): boolean {
    return this.#made.has(relativeFolder)
  }

  /** Makes the folder and its parents, 0700, if they are missing. */
  ensure(relativeFolder: string): void {
    if (this.#isThere(relativeFolder, freshMs)) return
    const parent = posix.dirname(relativeFolder)
    this.ensure(parent)
    // Folders are made rarely, so a new check costs little. It ensures that nothing is made behind a link.
    if (!this.#isThere(parent, 0)) throw this.#gone(parent)
    const path = `${this.#root}/${relativeFolder}`
    try {
      mkdirSync(path, { mode: 0o700 })
      if (this.#made.size >= maxRemembered) this.#made.clear()
      this.#made.add(ownText(relativeFolder))
    } catch (error) {
      // Another thread was faster; its folder is checked below.
      if (errnoOf(error) !== 'EEXIST') throw diskError(error, path)
    }
    this.#missing.delete(relativeFolder)
    if (!this.#isThere(relativeFolder, freshMs)) throw diskError(undefined, path)
  }

  /** Call it right before a file gets its name in the folder. Throws if the path now leads through a link. */
  confirm(relativeFolder: string): void {
    if (!this.#isThere(relativeFolder, freshMs)) throw this.#gone(relativeFolder)
  }

  /** Does the same for a folder of crosstrail's own, but a link ends the run with `disk.not-a-folder`. */
  confirmOwn(relativeFolder: string, maxAgeMs: number = freshMs): void {
    try {
      if (!this.#isThere(relativeFolder, maxAgeMs)) throw this.#gone(relativeFolder)
    } catch (error) {
      if (!(error instanceof CrosstrailError) || !error.code.startsWith('object.')) throw error
      const path = `${this.#root}/${relativeFolder}`
      throw new CrosstrailError('disk.not-a-folder', `${path} is no longer a folder: ${error.message}`, {
        hint: error.hint,
        facts: { path },
      })
    }
  }

  #isThere(relativeFolder: string, maxAgeMs: number): boolean {
    const seen = this.#seen.get(relativeFolder)
    const nowMs = performance.now()
    if (seen !== undefined && nowMs - seen.atMs < maxAgeMs) return true
    if (relativeFolder !== '.' && !this.#isThere(posix.dirname(relativeFolder), maxAgeMs)) return false
    const stats = this.#lookAt(relativeFolder)
    if (stats === undefined) {
      if (seen !== undefined) throw this.#gone(relativeFolder)
      return false
    }
    if (relativeFolder !== '.') requireFolder(`${this.#root}/${relativeFolder}`, stats)
    const isSame = seen === undefined || (seen.dev === stats.dev && seen.ino === stats.ino)
    if (!isSame) this.#replaced(relativeFolder)
    if (this.#seen.size >= maxRemembered) this.#seen.clear()
    this.#seen.set(ownText(relativeFolder), { dev: stats.dev, ino: stats.ino, atMs: nowMs })
    return true
  }

  /** The files in a folder that replaced another are not this run's. Another root is another target. */
  #replaced(relativeFolder: string): void {
    if (relativeFolder === '.') throw this.#gone('.')
    this.#made.delete(relativeFolder)
  }

  /** The root may be a link, because the user named it. */
  #lookAt(relativeFolder: string): Stats | undefined {
    const path = relativeFolder === '.' ? this.#root : `${this.#root}/${relativeFolder}`
    return onDisk(path, () =>
      relativeFolder === '.' ? statSync(path, { throwIfNoEntry: false }) : lstatSync(path, { throwIfNoEntry: false }),
    )
  }

  #gone(relativeFolder: string): CrosstrailError {
    const path = relativeFolder === '.' ? this.#root : `${this.#root}/${relativeFolder}`
    return new CrosstrailError('disk.not-found', `${path}: was removed or replaced by another folder`, {
      hint: 'something moved a folder of the mirror during the run: run again',
      facts: { path },
    })
  }
}

/** Throws unless it is a folder; a link to a folder is refused too. */
function requireFolder(path: string, stats: Stats): void {
  if (stats.isSymbolicLink()) {
    throw new CrosstrailError('object.unsafe-path', `${path} is a symbolic link, which may lead out of the folder`, {
      hint: 'replace the link with a folder, or use the folder that it leads to as the target',
      facts: { path },
    })
  }
  if (!stats.isDirectory()) {
    throw new CrosstrailError('object.path-occupied', `there is a file in place of the folder ${path}`, {
      hint: 'move it away, or choose another folder',
      facts: { path },
    })
  }
}
