import { constants, copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onDisk } from '../../disk/disk-error.ts'
import { openRunFolder } from '../../disk/run-folder.ts'
import { RowPlaces } from '../../records/event-row.ts'
import type { DatasetPlace } from './dataset-place.ts'
import type { DatasetReport } from './dataset-report.ts'
import { FolderPlace } from './folder-place.ts'
import { newPartNames, type PartNames } from './part-names.ts'
import { PartPublisher, type PublishedPartition } from './part-publisher.ts'
import { type KnownFiles, type Part, PartWriter } from './part-writer.ts'
import type { PartWriters } from './part-writers.ts'
import { PartitionFolders } from './partition.ts'
import { RowBuffer, SlabPool } from './row-buffer.ts'
import { type SmallFile, withinBytes } from './small-files.ts'

/**
 * Writes rows as Parquet files below a folder: `account=…/region=…/date=…/part-….parquet`. A file appears under its name whole or not at all.
 * Each call rejects with `disk.…`.
 */
export interface Dataset {
  /**
   * Takes a row as `eventRow` makes it: a record's JSON on one line, in UTF-8. `timeMs`: the time of the event, NaN if it is unknown. Copies the bytes of the
   * row. The rows of one `Dataset` are not compared with each other, so each event must be given once. If it returns a promise, wait for it before the next row.
   */
  add(row: Buffer, timeMs: number): Promise<void> | undefined
  /** Publishes all rows. */
  close(): Promise<DatasetReport>
  /** Drops the rows that are not published yet. May be called at any time, also after `close`. */
  abort(): Promise<void>
}

export interface DatasetOptions extends RowOptions {
  /** It is made if it is missing. */
  readonly root: string
}

export interface DatasetPlaceOptions extends RowOptions {
  readonly place: DatasetPlace
  /** An existing private folder. It is removed at the end. */
  readonly tempFolder: string
}

interface RowOptions {
  /**
   * For the names of files. A file that already has such a name is kept, because an earlier run that was killed wrote it from the same rows. Default: new
   * names.
   */
  readonly names?: PartNames | undefined
  /**
   * Whether others write the same rows with the same names, now or earlier, in another order or only some of them. Then a row is written unless its event
   * is in a file of its partition, and names continue after those that are taken. So no row is lost or written twice, whichever of them ends, and when.
   * Files of other parts of the run are not compared: they have other logs, and a bucket would have to send all of them to each part.
   */
  readonly hasRivals?: boolean | undefined
  /** Where its writer comes from. Default: it opens one, and closes it at the end. */
  readonly writers?: PartWriters | undefined
  /** How many bytes of rows wait in memory. */
  readonly bufferBytes?: number | undefined
}

/** Opens a dataset in a local folder. Rejects with `usage.no-duckdb`, `disk.…`. */
export async function openDataset({ root, ...options }: DatasetOptions): Promise<Dataset> {
  const { tempFolder } = openRunFolder(root)
  return openDatasetAt({ ...options, place: new FolderPlace(root), tempFolder })
}

/** Opens a dataset in any place. Rejects with `usage.no-duckdb`, `disk.…`. */
export async function openDatasetAt({ place, tempFolder, ...options }: DatasetPlaceOptions): Promise<Dataset> {
  try {
    const writer = await (options.writers?.take() ?? PartWriter.open(tempFolder))
    return new ParquetDataset(place, tempFolder, writer, options)
  } catch (error) {
    rmSync(tempFolder, { recursive: true, force: true })
    throw error
  }
}

/** The rows that are being written take up to the same amount of memory again. */
const defaultBufferBytes = 96 * 1024 * 1024
/** With this many bytes of rows a file is published at once. Smaller ones are merged with later rows of their partition. */
const publishedBytes = 64 * 1024 * 1024
/** Less than 512 MB, because a merged file may be a little larger than its parts. */
const mergedBytes = 448 * 1024 * 1024

interface Partition extends PublishedPartition {
  rows: RowBuffer
  /** How many bytes of rows the dataset had taken when this partition got its last one. */
  lastAtBytes: number
  /** Files that are written, but too small to be published. */
  small: SmallFile[]
}

/**
 * Rows wait in memory, sorted by partition. When they are too many, some partitions are written. Which rows share a file depends only on the order of
 * rows, and so do the names of files.
 */
class ParquetDataset implements Dataset {
  readonly #place: DatasetPlace
  readonly #tempFolder: string
  readonly #writer: PartWriter
  readonly #publisher: PartPublisher
  readonly #writers: PartWriters | undefined
  readonly #bufferBytes: number
  readonly #places = new RowPlaces()
  readonly #partitionFolders = new PartitionFolders()
  readonly #partitions = new Map<string, Partition>()
  readonly #slabs = new SlabPool()
  #waitingBytes = 0
  #takenBytes = 0
  #temps = 0
  #writing: Promise<void> = Promise.resolve()
  #failure: unknown
  #isOpen = true

  constructor(place: DatasetPlace, tempFolder: string, writer: PartWriter, options: RowOptions) {
    const { names = newPartNames(Date.now()), hasRivals = false, bufferBytes = defaultBufferBytes } = options
    this.#place = place
    this.#tempFolder = tempFolder
    this.#writer = writer
    this.#publisher = new PartPublisher({ place, names, hasRivals, tempPath: () => this.#tempPath() })
    this.#writers = options.writers
    this.#bufferBytes = bufferBytes
  }

  add(row: Buffer, timeMs: number): Promise<void> | undefined {
    if (this.#failure !== undefined) return this.#writing
    const folder = this.#partitionFolders.of(this.#places.of(row), timeMs)
    let partition = this.#partitions.get(folder)
    if (partition === undefined) {
      partition = {
        folder,
        rows: new RowBuffer(this.#slabs),
        lastAtBytes: 0,
        small: [],
        files: 0,
        published: new Set(),
      }
      this.#partitions.set(folder, partition)
    }
    partition.rows.add(row, timeMs)
    this.#waitingBytes += row.length
    this.#takenBytes += row.length
    partition.lastAtBytes = this.#takenBytes
    if (this.#waitingBytes < this.#bufferBytes) return undefined
    // Rows are collected while earlier ones are written.
    const before = this.#writing
    for (const partition of this.#byUrgency()) {
      if (this.#waitingBytes <= this.#bufferBytes / 2) break
      const rows = this.#take(partition)
      this.#then(() => this.#writeRows(partition, rows))
    }
    return before
  }

  async close(): Promise<DatasetReport> {
    const partitions = [...this.#partitions.values()]
    for (const partition of partitions) this.#then(() => this.#finish(partition))
    this.#then(() => this.#place.sync())
    await this.#writing
    await this.#release()
    const { misfits, repaired } = this.#writer
    return { ...this.#publisher.report, misfits, repaired }
  }

  async abort(): Promise<void> {
    this.#failure ??= new Error('the dataset was aborted')
    await this.#writing.catch(() => undefined)
    await this.#release()
  }

  /**
   * Partitions that got no row lately come first. Logs often come sorted by account, region and day, so these partitions are probably complete. Larger ones
   * come before smaller ones, which gives fewer files.
   */
  #byUrgency(): Partition[] {
    const quietSince = this.#takenBytes - this.#bufferBytes / 8
    const isQuiet = ({ lastAtBytes }: Partition) => lastAtBytes < quietSince
    return [...this.#partitions.values()]
      .filter(({ rows }) => rows.count > 0)
      .sort((a, b) => Number(isQuiet(b)) - Number(isQuiet(a)) || b.rows.bytes - a.rows.bytes)
  }

  /** Runs `act` after everything that was started before, unless that failed. */
  #then(act: () => Promise<void>): void {
    this.#writing = this.#after(this.#writing, act)
    // The caller that waits for it gets the error.
    this.#writing.catch(() => undefined)
  }

  async #after(before: Promise<void>, act: () => Promise<void>): Promise<void> {
    await before
    if (this.#failure !== undefined) throw this.#failure
    try {
      await act()
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  #take(partition: Partition): RowBuffer {
    const { rows } = partition
    partition.rows = new RowBuffer(this.#slabs)
    this.#waitingBytes -= rows.bytes
    return rows
  }

  async #writeRows(partition: Partition, rows: RowBuffer): Promise<void> {
    if (rows.bytes >= Math.min(publishedBytes, this.#bufferBytes / 2)) return this.#publishRows(partition, rows)
    const path = this.#tempPath()
    partition.small.push({ path, part: await this.#writer.write(rows, path) })
    rows.release()
  }

  async #finish(partition: Partition): Promise<void> {
    const rows = this.#take(partition)
    if (partition.small.length === 0) {
      if (rows.count > 0) await this.#publishRows(partition, rows)
      return
    }
    if (rows.count > 0) await this.#writeRows(partition, rows)
    while (partition.small.length > 0) {
      const files = withinBytes(partition.small, mergedBytes)
      const count = files.reduce((sum, { part }) => sum + part.rows, 0)
      await this.#publisher.publish(partition, count, (path, known) => this.#merge(files, path, known))
      for (const { path } of files) rmSync(path, { force: true })
    }
  }

  async #publishRows(partition: Partition, rows: RowBuffer): Promise<void> {
    await this.#publisher.publish(partition, rows.count, (path, known) => this.#writer.write(rows, path, known))
    rows.release()
  }

  async #merge(files: readonly SmallFile[], path: string, known: KnownFiles): Promise<Part> {
    const [first, ...others] = files
    if (first === undefined || others.length > 0 || known.files.length > 0) {
      return this.#writer.merge(
        files.map((file) => file.path),
        path,
        known,
      )
    }
    // A copy, because the same rows are written again if the file's name is taken.
    onDisk(path, () => copyFileSync(first.path, path, constants.COPYFILE_FICLONE))
    return first.part
  }

  #tempPath(): string {
    return join(this.#tempFolder, `${++this.#temps}.parquet`)
  }

  async #release(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (this.#writers === undefined || this.#failure !== undefined) this.#writer.close()
    else this.#writers.give(this.#writer)
    onDisk(this.#tempFolder, () => rmSync(this.#tempFolder, { recursive: true, force: true }))
    await Promise.resolve()
  }
}
