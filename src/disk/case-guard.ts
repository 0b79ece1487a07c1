import { readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { ownText } from '../trail/own-text.ts'
import { diskError, errnoOf } from './disk-error.ts'

/**
 * Refuses keys that would share one file on a file system that ignores case or unicode normalization. Remembers up to `maxNames` names, by
 * folder. It reads the names in a folder on first use, so files of earlier runs count.
 */
export class CaseGuard {
  readonly #root: string
  readonly #maxNames: number
  /** Folder -> folded name -> name, the least recently used folder first. */
  readonly #folders = new Map<string, Map<string, string>>()
  #nameCount = 0

  constructor(root: string, maxNames = 200_000) {
    this.#root = root
    this.#maxNames = maxNames
  }

  /** Claims the path. Throws `object.name-collision` if a path that differs only by case or normalization is taken. */
  claim(relativePath: string): void {
    let folder = ''
    for (const name of ownText(relativePath).split('/')) {
      const names = this.#namesIn(folder)
      const folded = fold(name)
      const holder = names.get(folded)
      if (holder === undefined) {
        names.set(folded, name)
        this.#nameCount++
      } else if (holder !== name) {
        const message = `${JSON.stringify(relativePath)} would share a file with ${JSON.stringify(posix.join(folder, holder))} on this file system`
        throw new CrosstrailError('object.name-collision', message, {
          hint: 'download to a file system that distinguishes upper and lower case',
          facts: { path: relativePath, holder },
        })
      }
      folder = folder === '' ? name : `${folder}/${name}`
    }
  }

  #namesIn(folder: string): Map<string, string> {
    let names = this.#folders.get(folder)
    if (names === undefined) {
      names = new Map(readNames(join(this.#root, folder)).map((name) => [fold(name), name]))
      this.#nameCount += names.size
    } else {
      this.#folders.delete(folder)
    }
    this.#folders.set(folder, names)
    this.#forgetOldest()
    return names
  }

  #forgetOldest(): void {
    for (const [folder, names] of this.#folders) {
      if (this.#nameCount <= this.#maxNames || this.#folders.size === 1) return
      this.#folders.delete(folder)
      this.#nameCount -= names.size
    }
  }
}

/** Folds more than any file system does: a needless refusal is counted, but a lost file is not. */
function fold(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase()
}

function readNames(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return []
    throw diskError(error, path)
  }
}
