import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { diskError, errnoOf } from './disk-error.ts'
import { noWait } from './regular-file.ts'

const atATime = 16

/** Files of a folder that must survive a power cut. They are added one by one, and synced together with their parent folders. */
export class DurableBatch {
  readonly #root: string
  #files = new Set<string>()
  /** Folders whose own entries are synced already. A folder is made once, but gets many files. */
  readonly #knownFolders = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  /** `relativePath` has `/` between segments. The file already has its final name. */
  add(relativePath: string): void {
    this.#files.add(relativePath)
  }

  /** Resolves when everything added before is on disk. Ignores files that were moved away meanwhile. Throws `disk.…`. */
  async sync(): Promise<void> {
    const files = [...this.#files]
    this.#files = new Set()
    try {
      await syncAll(files.map((file) => join(this.#root, file)))
      const folders = new Set(files.map((file) => dirname(file)))
      const above = new Set<string>()
      for (const folder of folders) {
        for (let at = folder; at !== '.' && !this.#knownFolders.has(at); at = dirname(at)) above.add(dirname(at))
      }
      await syncAll([...new Set([...folders, ...above])].map((folder) => join(this.#root, folder)))
      if (this.#knownFolders.size > mostKnownFolders) this.#knownFolders.clear()
      for (const folder of folders) this.#knownFolders.add(folder)
    } catch (error) {
      for (const file of files) this.#files.add(file)
      throw error
    }
  }
}

const mostKnownFolders = 10_000

async function syncAll(paths: readonly string[]): Promise<void> {
  const rest = paths.values()
  await Promise.all(
    Array.from({ length: Math.min(atATime, paths.length) }, async () => {
      for (const path of rest) await syncOne(path)
    }),
  )
}

async function syncOne(path: string): Promise<void> {
  try {
    const file = await open(path, constants.O_RDONLY | noWait)
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return
    // Windows cannot open a folder, and needs no such call.
    if (process.platform === 'win32' && ['EPERM', 'EISDIR', 'EACCES'].includes(errnoOf(error) ?? '')) return
    throw diskError(error, path)
  }
}
