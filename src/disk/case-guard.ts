import { readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { ownText } from '../trail/own-text.ts'
import { diskError, errnoOf } from './disk-error.ts'

/**
 * Keeps keys apart that a file system without case, or without unicode normalization, would store as one file.
 * Remembers up to `maxNames` names, folder by folder; a folder's names are read when it is first met, so those of earlier runs count.
 */
export class CaseGuard {
  readonly #root: string
  readonly #maxNames: number
  /** Folder -> folded name -> name. The least recently used folder comes first. */
  readonly #folders = new Map<string, Map<string, string>>()
  #nameCount = 0

  constructor(root: string, maxNames = 200_000) {
    this.#root = root
    this.#maxNames = maxNames
  }

  /** Takes the path for itself. Throws `object.name-collision` when one that differs only by case or normalization has it. */
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
          hint: 'download to a file system that tells upper from lower case',
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

/** Folds more than any file system does: a refusal too many is counted, a file too few is lost. */
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
