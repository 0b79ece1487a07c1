import { type Stats, lstatSync, mkdirSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { ownText } from '../trail/own-text.ts'
import { diskError, errnoOf, onDisk } from './disk-error.ts'

const maxRemembered = 10_000
/** How long a look at a folder, and at those above it, is good. A look at each file would cost a tenth of a small download. */
const freshMs = 10

/** Which folder it was, by the file system's own name for it, and when that was seen. */
interface Seen {
  readonly dev: number
  readonly ino: number
  readonly atMs: number
}

/**
 * The folders of the mirror. A symbolic link is never walked through, wherever it leads: throws `object.unsafe-path` for one,
 * `object.path-occupied` for a file in a folder's place, `disk.not-found` for a folder that went away.
 *
 * A folder may become a link while a run goes. So each is looked at again, with those above it, when the last look is 10 ms old, at the
 * latest by `confirm`, right before a file gets its name in it. Node cannot name a file by an open folder: what changes between the last
 * look and the name is not seen.
 */
export class SafeFolders {
  readonly #root: string
  readonly #seen = new Map<string, Seen>()
  /** Each object of a folder to come asks for it: one look is enough. */
  readonly #missing = new Set<string>()
  /** Made here, and empty then. */
  readonly #made = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  /** Whether the folder was there when it was first asked for, or made since. Makes nothing. */
  exists(relativeFolder: string): boolean {
    if (this.#missing.has(relativeFolder)) return false
    const exists = this.#isThere(relativeFolder, freshMs)
    if (!exists) {
      if (this.#missing.size >= maxRemembered) this.#missing.clear()
      this.#missing.add(ownText(relativeFolder))
    }
    return exists
  }

  /** Whether what lies in the folder now was put there since this run made it. */
  isOwn(relativeFolder: string): boolean {
    return this.#made.has(relativeFolder)
  }

  /** Makes the folder and those above it where missing, 0700. */
  ensure(relativeFolder: string): void {
    if (this.#isThere(relativeFolder, freshMs)) return
    const parent = posix.dirname(relativeFolder)
    this.ensure(parent)
    // Folders are made rarely: a new look costs little, and nothing is made behind a link
    if (!this.#isThere(parent, 0)) throw this.#gone(parent)
    const path = `${this.#root}/${relativeFolder}`
    try {
      mkdirSync(path, { mode: 0o700 })
      if (this.#made.size >= maxRemembered) this.#made.clear()
      this.#made.add(ownText(relativeFolder))
    } catch (error) {
      // Another thread was faster; what it made is looked at below.
      if (errnoOf(error) !== 'EEXIST') throw diskError(error, path)
    }
    this.#missing.delete(relativeFolder)
    if (!this.#isThere(relativeFolder, freshMs)) throw diskError(undefined, path)
  }

  /** To be called right before a file gets its name in the folder. Throws where that name would lead through a link by now. */
  confirm(relativeFolder: string): void {
    if (!this.#isThere(relativeFolder, freshMs)) throw this.#gone(relativeFolder)
  }

  /** The same for a folder of crosstrail's own. A link there ends the run: throws `disk.not-a-folder`. */
  confirmOwn(relativeFolder: string, maxAgeMs: number = freshMs): void {
    try {
      if (!this.#isThere(relativeFolder, maxAgeMs)) throw this.#gone(relativeFolder)
    } catch (error) {
      if (!(error instanceof CrosstrailError) || !error.code.startsWith('object.')) throw error
      const path = `${this.#root}/${relativeFolder}`
      throw new CrosstrailError('disk.not-a-folder', `${path} is not a folder any more: ${error.message}`, {
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

  /** What another folder in its place holds was not put there by this run. Another root is another target. */
  #replaced(relativeFolder: string): void {
    if (relativeFolder === '.') throw this.#gone('.')
    this.#made.delete(relativeFolder)
  }

  /** The user named the root, and it may be a link. */
  #lookAt(relativeFolder: string): Stats | undefined {
    const path = relativeFolder === '.' ? this.#root : `${this.#root}/${relativeFolder}`
    return onDisk(path, () =>
      relativeFolder === '.' ? statSync(path, { throwIfNoEntry: false }) : lstatSync(path, { throwIfNoEntry: false }),
    )
  }

  #gone(relativeFolder: string): CrosstrailError {
    const path = relativeFolder === '.' ? this.#root : `${this.#root}/${relativeFolder}`
    return new CrosstrailError('disk.not-found', `${path}: is gone, or another folder is in its place`, {
      hint: 'something moved a folder of the mirror while it was in use: run again',
      facts: { path },
    })
  }
}

/** Throws unless it is a folder itself, not a link to one. */
function requireFolder(path: string, stats: Stats): void {
  if (stats.isSymbolicLink()) {
    throw new CrosstrailError('object.unsafe-path', `${path} is a symbolic link, and may lead out of the folder`, {
      hint: 'replace the link by a folder, or make the linked place the target itself',
      facts: { path },
    })
  }
  if (!stats.isDirectory()) {
    throw new CrosstrailError('object.path-occupied', `${path} is a file where a folder should be`, {
      hint: 'move it away, or choose another folder',
      facts: { path },
    })
  }
}
