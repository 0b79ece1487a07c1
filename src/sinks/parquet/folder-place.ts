import { closeSync, fsyncSync, lstatSync, openSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { onDisk } from '../../disk/disk-error.ts'
import { DurableBatch } from '../../disk/durable-batch.ts'
import { moveIfFree } from '../../disk/whole-file.ts'
import { SafeFolders } from '../../disk/safe-folders.ts'
import type { DatasetPlace, Published } from './dataset-place.ts'
import { filesOfPartition } from './partition.ts'

/** A dataset below a local folder. No file is ever replaced. Its temp files are on the same file system. Throws `disk.…`, `object.unsafe-path`. */
export class FolderPlace implements DatasetPlace {
  readonly #root: string
  readonly #folders: SafeFolders
  readonly #published: DurableBatch

  constructor(root: string) {
    this.#root = root
    this.#folders = new SafeFolders(root)
    this.#published = new DurableBatch(root)
  }

  has(folder: string, name: string): boolean {
    this.#folders.ensure(folder)
    const path = join(this.#root, folder, name)
    return onDisk(path, () => lstatSync(path, { throwIfNoEntry: false })) !== undefined
  }

  filesOf(folder: string, isWanted: (name: string) => boolean): Promise<readonly string[]> {
    // Files of the folder are read, so it must not lie behind a link.
    this.#folders.ensure(folder)
    return Promise.resolve(filesOfPartition(this.#root, folder).filter((path) => isWanted(basename(path))))
  }

  publish(path: string, folder: string, name: string): Promise<Published> {
    const final = join(this.#root, folder, name)
    onDisk(path, () => syncFile(path))
    this.#folders.confirm(folder)
    const isPublished = onDisk(final, () => moveIfFree(path, final))
    if (isPublished) this.#published.add(`${folder}/${name}`)
    else onDisk(path, () => rmSync(path, { force: true }))
    return Promise.resolve(isPublished ? 'published' : 'differs')
  }

  sync(): Promise<void> {
    return this.#published.sync()
  }
}

function syncFile(path: string): void {
  const fd = openSync(path, 'r+')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
