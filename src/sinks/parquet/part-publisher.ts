import { rmSync } from 'node:fs'
import { nameTaken } from './dataset-error.ts'
import type { DatasetPlace } from './dataset-place.ts'
import { isNamedBy, isOfRun, partName, type PartNames, partNumber } from './part-names.ts'
import type { KnownFiles, Part } from './part-writer.ts'

/** What was published of a partition. */
export interface PublishedPartition {
  readonly folder: string
  /** How many files got a name. */
  files: number
  /** The names that files were published with. */
  readonly published: Set<string>
}

/** So many files of rivals may appear while one file is written. */
const mostRivals = 100

export interface PublisherOptions {
  readonly place: DatasetPlace
  readonly names: PartNames
  readonly hasRivals: boolean
  readonly tempPath: () => string
}

/** Gives files their names in a dataset, without rows that the dataset has already. */
export class PartPublisher {
  readonly report = { files: 0, bytes: 0, rows: 0, known: 0 }
  readonly #place: DatasetPlace
  readonly #names: PartNames
  readonly #hasRivals: boolean
  readonly #tempPath: () => string

  constructor({ place, names, hasRivals, tempPath }: PublisherOptions) {
    this.#place = place
    this.#names = names
    this.#hasRivals = hasRivals
    this.#tempPath = tempPath
  }

  /** Writes a file with the rows that the partition does not have yet, and gives it its name. */
  async publish(
    partition: PublishedPartition,
    count: number,
    write: (path: string, known: KnownFiles) => Promise<Part>,
  ): Promise<void> {
    if (this.#hasRivals) return this.#publishMissing(partition, count, write)
    const { folder } = partition
    const name = partName(this.#names, ++partition.files)
    if (this.#place.has(folder, name)) {
      this.report.known += count
      return
    }
    const path = this.#tempPath()
    const { rows, bytes } = await write(path, { files: await this.#filesOfOthers(folder) })
    this.report.known += count - rows
    if (rows === 0) {
      rmSync(path, { force: true })
      return
    }
    switch (await this.#place.publish(path, folder, name)) {
      case 'published':
        this.report.files++
        this.report.bytes += bytes
        this.report.rows += rows
        return
      case 'present':
        this.report.known += rows
        return
      case 'differs': {
        const unwritten = await write(this.#tempPath(), { files: await this.#place.filesOf(folder, () => true) })
        if (unwritten.rows > 0) throw nameTaken(`${folder}/${name}`)
        this.report.known += rows
      }
    }
  }

  /**
   * Writes a file with the rows that no file of the partition has, and gives it the next free name. The name is free only if there is no file of rivals
   * that was not looked into.
   */
  async #publishMissing(
    { folder, published }: PublishedPartition,
    count: number,
    write: (path: string, known: KnownFiles) => Promise<Part>,
  ): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      let last = 0
      const sameLogs = await this.#place.filesOf(folder, (name) => {
        last = Math.max(last, partNumber(this.#names, name))
        return isNamedBy(this.#names, name) && !published.has(name)
      })
      // Found after the last name: a file that appeared since then takes the next name.
      const files = await this.#place.filesOf(
        folder,
        (name) => !published.has(name) && (isNamedBy(this.#names, name) || !isOfRun(this.#names, name)),
      )
      const path = this.#tempPath()
      const { rows, bytes } = await write(path, { files, sameLogs })
      if (rows === 0) {
        rmSync(path, { force: true })
        this.report.known += count
        return
      }
      const name = partName(this.#names, last + 1)
      if ((await this.#place.publish(path, folder, name)) === 'published') {
        published.add(name)
        this.report.files++
        this.report.bytes += bytes
        this.report.rows += rows
        this.report.known += count - rows
        return
      }
      if (attempts === mostRivals) throw nameTaken(`${folder}/${name}`)
    }
  }

  /** Files of a partition that were written from other rows. Rows of this dataset are not compared with each other. */
  #filesOfOthers(folder: string): Promise<readonly string[]> {
    return this.#place.filesOf(folder, (name) => !isNamedBy(this.#names, name))
  }
}
