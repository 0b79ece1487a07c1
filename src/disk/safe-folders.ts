import { type Stats, lstatSync, mkdirSync } from 'node:fs'
import { posix } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { ownText } from '../trail/own-text.ts'
import { diskError, errnoOf } from './disk-error.ts'

const maxRemembered = 10_000

/**
 * The folders of the mirror, looked at once each. A symbolic link is never walked through, wherever it leads: throws
 * `object.unsafe-path` for one, `object.path-occupied` for a file in a folder's place.
 */
export class SafeFolders {
  readonly #root: string
  readonly #known = new Set<string>()
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
    const exists = this.#isThere(relativeFolder)
    if (!exists) remember(relativeFolder, this.#missing)
    return exists
  }

  #isThere(relativeFolder: string): boolean {
    if (relativeFolder === '.' || this.#known.has(relativeFolder)) return true
    if (!this.#isThere(posix.dirname(relativeFolder))) return false
    const path = `${this.#root}/${relativeFolder}`
    const stats = lookAt(path)
    if (stats === undefined) return false
    requireFolder(path, stats)
    remember(relativeFolder, this.#known)
    return true
  }

  /** Whether what lies in the folder now was put there since this run made it. */
  isOwn(relativeFolder: string): boolean {
    return this.#made.has(relativeFolder)
  }

  /** Makes the folder and those above it where missing, 0700. */
  ensure(relativeFolder: string): void {
    if (this.#isThere(relativeFolder)) return
    this.ensure(posix.dirname(relativeFolder))
    const path = `${this.#root}/${relativeFolder}`
    try {
      mkdirSync(path, { mode: 0o700 })
      remember(relativeFolder, this.#made)
    } catch (error) {
      // Another thread was faster; what it made is looked at below.
      if (errnoOf(error) !== 'EEXIST') throw diskError(error, path)
    }
    this.#missing.delete(relativeFolder)
    if (!this.#isThere(relativeFolder)) throw diskError(undefined, path)
  }
}

function remember(relativeFolder: string, folders: Set<string>): void {
  if (folders.size >= maxRemembered) folders.clear()
  folders.add(ownText(relativeFolder))
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

function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw diskError(error, path)
  }
}
