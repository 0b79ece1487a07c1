import { type Stats, lstatSync, mkdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { diskError, errnoOf } from './disk-error.ts'

const maxRemembered = 10_000

/**
 * The folders of the mirror, looked at once each. A symbolic link is never walked through, wherever it leads: throws
 * `object.unsafe-path` for one, `object.path-occupied` for a file in a folder's place.
 */
export class SafeFolders {
  readonly #root: string
  readonly #known = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  /** Whether the folder is there. Makes nothing. */
  exists(relativeFolder: string): boolean {
    if (relativeFolder === '.' || this.#known.has(relativeFolder)) return true
    if (!this.exists(posix.dirname(relativeFolder))) return false
    const path = join(this.#root, relativeFolder)
    const stats = lookAt(path)
    if (stats === undefined) return false
    requireFolder(path, stats)
    this.#remember(relativeFolder)
    return true
  }

  /** Makes the folder and those above it where missing, 0700. */
  ensure(relativeFolder: string): void {
    if (this.exists(relativeFolder)) return
    this.ensure(posix.dirname(relativeFolder))
    const path = join(this.#root, relativeFolder)
    try {
      mkdirSync(path, { mode: 0o700 })
    } catch (error) {
      // Another thread was faster; what it made is looked at below.
      if (errnoOf(error) !== 'EEXIST') throw diskError(error, path)
    }
    if (!this.exists(relativeFolder)) throw diskError(undefined, path)
  }

  #remember(relativeFolder: string): void {
    if (this.#known.size >= maxRemembered) this.#known.clear()
    this.#known.add(relativeFolder)
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

function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw diskError(error, path)
  }
}
