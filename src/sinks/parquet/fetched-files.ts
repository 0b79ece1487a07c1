import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { onDisk } from '../../disk/disk-error.ts'
import { inParallel } from '../../s3/part-pool.ts'
import type { ListedObject } from '../../trail/log-object.ts'
import type { TargetSide } from '../bucket/sides.ts'
import { fetchedFile } from './fetched-file.ts'

const filesAtATime = 8

interface Copies {
  /** By key. */
  readonly paths: Map<string, string>
  bytes: number
}

/**
 * Local copies of a dataset's files in a bucket. The copies of the partition that was asked for last are complete. Those of earlier
 * partitions are kept while they fit, the latest first.
 */
export class FetchedFiles {
  readonly #folder: string
  readonly #keptBytes: number
  readonly #signal: AbortSignal
  /** By partition. The one used last comes last. */
  readonly #partitions = new Map<string, Copies>()
  #count = 0

  /** The copies are made in `folder`. */
  constructor(folder: string, keptBytes: number, signal: AbortSignal) {
    this.#folder = folder
    this.#keptBytes = keptBytes
    this.#signal = signal
  }

  /** Returns the paths of copies of these objects of a partition. Throws what `TargetSide.get` throws, and `disk.…`. */
  async pathsOf(partition: string, objects: readonly ListedObject[], side: TargetSide): Promise<string[]> {
    const copies = this.#partitions.get(partition) ?? { paths: new Map(), bytes: 0 }
    this.#partitions.delete(partition)
    this.#partitions.set(partition, copies)
    const missing = objects.filter(({ key }) => !copies.paths.has(key))
    this.#makeRoom(missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
    const stopper = new AbortController()
    const signal = AbortSignal.any([this.#signal, stopper.signal])
    const fetch = async (object: ListedObject): Promise<void> => {
      const path = join(this.#folder, this.#nameOf(object.key))
      await side.get(object, () => fetchedFile(object, path), signal)
      copies.paths.set(object.key, path)
      copies.bytes += object.sizeBytes
    }
    await inParallel(missing, filesAtATime, fetch, () => stopper.abort())
    return objects.flatMap(({ key }) => copies.paths.get(key) ?? [])
  }

  /** Removes the copies of partitions until that many bytes fit, but keeps those of the last partition. */
  #makeRoom(neededBytes: number): void {
    let bytes = neededBytes + [...this.#partitions.values()].reduce((sum, copies) => sum + copies.bytes, 0)
    for (const [partition, copies] of [...this.#partitions].slice(0, -1)) {
      if (bytes <= this.#keptBytes) return
      for (const path of copies.paths.values()) onDisk(path, () => rmSync(path, { force: true }))
      this.#partitions.delete(partition)
      bytes -= copies.bytes
    }
  }

  /** The end of the key is in messages about a damaged file. Characters with a meaning in paths or patterns are replaced. */
  #nameOf(key: string): string {
    return `${++this.#count}-${key.replaceAll(/[^\w.=-]/g, '_').slice(-180)}`
  }
}
