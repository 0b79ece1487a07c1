import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { onDisk } from '../../disk/disk-error.ts'
import { openRunFolder } from '../../disk/run-folder.ts'
import { CrosstrailError } from '../../error.ts'
import { RowPlaces } from '../../records/event-row.ts'
import { stampOf } from '../../trail/stamp.ts'
import type { DatasetPlace } from './dataset-place.ts'
import { FolderPlace } from './folder-place.ts'
import { type Part, PartWriter } from './part-writer.ts'
import { partitionFolder } from './partition.ts'
import { RowBuffer } from './row-buffer.ts'

/** What became of the rows of a dataset. */
export interface DatasetReport {
  readonly files: number
  readonly bytes: number
  /** Rows that the files hold. */
  readonly rows: number
  /** Rows that were left out, since their partition held their event already. */
  readonly known: number
  /** Rows with a value that does not fit its column, and is in `other` instead. */
  readonly misfits: number
  /** Rows with text that is not valid Unicode, and was repaired. */
  readonly repaired: number
}

/**
 * Writes rows as Parquet files below a folder: `account=…/region=…/date=…/part-….parquet`. A file appears under its name whole or not at all.
 * Each call rejects with `disk.…`.
 */
export interface Dataset {
  /**
   * Takes a row: a record's JSON object on one line, in UTF-8, that begins as `eventRow` makes it. `timeMs`: when its event happened; NaN if
   * nobody knows. Rows of one dataset are not compared with one another: give each event once. Its bytes are copied. If it returns a promise, wait for it before the next row.
   */
  add(row: Buffer, timeMs: number): Promise<void> | undefined
  /** Publishes all rows. */
  close(): Promise<DatasetReport>
  /** Drops the rows that are not published. May be called at any time, also after `close`. */
  abort(): Promise<void>
}

export interface DatasetOptions extends RowOptions {
  /** Made if it is missing. */
  readonly root: string
}

export interface DatasetPlaceOptions extends RowOptions {
  readonly place: DatasetPlace
  /** An existing private folder. It is removed at the end. */
  readonly tempFolder: string
}

interface RowOptions {
  /**
   * The names of its files. Files of the same names are taken as written from the same rows, by a run that was killed, and are left as they
   * are. Default: new names.
   */
  readonly names?: PartNames | undefined
  /** How much memory the rows take that wait to be written. */
  readonly bufferBytes?: number | undefined
}

export interface PartNames {
  readonly stamp: string
  readonly random: string
}

export function newPartNames(nowMs: number): PartNames {
  return { stamp: `${stampOf(nowMs, 'second')}Z`, random: randomBytes(4).toString('hex') }
}

/** Opens a dataset in a local folder. Rejects with `usage.no-duckdb`, `disk.…`. */
export async function openDataset({ root, ...options }: DatasetOptions): Promise<Dataset> {
  const { tempFolder } = openRunFolder(root)
  return openDatasetAt({ ...options, place: new FolderPlace(root), tempFolder })
}

/** Opens a dataset in any place. Rejects with `usage.no-duckdb`, `disk.…`. */
export async function openDatasetAt({ place, tempFolder, names, bufferBytes }: DatasetPlaceOptions): Promise<Dataset> {
  try {
    const writer = await PartWriter.open(tempFolder)
    return new ParquetDataset(
      place,
      tempFolder,
      writer,
      names ?? newPartNames(Date.now()),
      bufferBytes ?? usualBufferBytes,
    )
  } catch (error) {
    rmSync(tempFolder, { recursive: true, force: true })
    throw error
  }
}

/** As much again is under way to a file. */
const usualBufferBytes = 96 * 1024 * 1024
/** Rows of that many bytes make a file that is large enough. Fewer wait for more of their partition. */
const enoughBytes = 64 * 1024 * 1024
/** Their sum may differ a little from the size of the file that is made of them. */
const mostMergedBytes = 448 * 1024 * 1024

interface Partition {
  readonly folder: string
  rows: RowBuffer
  /** Written and not published: too small. */
  small: { readonly path: string; readonly part: Part }[]
  /** Numbers its files. */
  files: number
}

/**
 * Rows wait in memory, sorted by partition. When they are too many, the largest partitions are written out. Which rows go together depends on
 * their order alone, and so do the names of files.
 */
class ParquetDataset implements Dataset {
  readonly #place: DatasetPlace
  readonly #tempFolder: string
  readonly #writer: PartWriter
  readonly #names: PartNames
  readonly #bufferBytes: number
  readonly #places = new RowPlaces()
  readonly #partitions = new Map<string, Partition>()
  #waitingBytes = 0
  #temps = 0
  #writing: Promise<void> = Promise.resolve()
  #failure: unknown
  #isOpen = true
  readonly #report = { files: 0, bytes: 0, rows: 0, known: 0 }

  constructor(place: DatasetPlace, tempFolder: string, writer: PartWriter, names: PartNames, bufferBytes: number) {
    this.#place = place
    this.#tempFolder = tempFolder
    this.#writer = writer
    this.#names = names
    this.#bufferBytes = bufferBytes
  }

  add(row: Buffer, timeMs: number): Promise<void> | undefined {
    if (this.#failure !== undefined) return this.#writing
    const folder = partitionFolder(this.#places.of(row), timeMs)
    let partition = this.#partitions.get(folder)
    if (partition === undefined) {
      partition = { folder, rows: new RowBuffer(), small: [], files: 0 }
      this.#partitions.set(folder, partition)
    }
    partition.rows.add(row, timeMs)
    this.#waitingBytes += row.length
    if (this.#waitingBytes < this.#bufferBytes) return undefined
    // One load of rows may be under way while the next one gathers.
    const before = this.#writing
    const largest = [...this.#partitions.values()].sort((a, b) => b.rows.bytes - a.rows.bytes)
    for (const partition of largest) {
      if (this.#waitingBytes <= this.#bufferBytes / 2) break
      const rows = this.#take(partition)
      this.#then(() => this.#writeOut(partition, rows))
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
    return { ...this.#report, misfits, repaired }
  }

  async abort(): Promise<void> {
    this.#failure ??= new Error('the dataset was given up')
    await this.#writing.catch(() => undefined)
    await this.#release()
  }

  /** Does it after all that was asked for before, unless that failed. */
  #then(act: () => Promise<void>): void {
    this.#writing = this.#after(this.#writing, act)
    // Whoever waits hears of it.
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
    partition.rows = new RowBuffer()
    this.#waitingBytes -= rows.bytes
    return rows
  }

  async #writeOut(partition: Partition, rows: RowBuffer): Promise<void> {
    if (rows.bytes >= Math.min(enoughBytes, this.#bufferBytes / 2)) {
      await this.#publish(partition, rows.count, (path, known) => this.#writer.write(rows, path, known))
      return
    }
    const path = this.#tempPath()
    partition.small.push({ path, part: await this.#writer.write(rows, path) })
  }

  async #finish(partition: Partition): Promise<void> {
    const rows = this.#take(partition)
    if (partition.small.length === 0) {
      if (rows.count > 0)
        await this.#publish(partition, rows.count, (path, known) => this.#writer.write(rows, path, known))
      return
    }
    if (rows.count > 0) await this.#writeOut(partition, rows)
    while (partition.small.length > 0) {
      const parts = withinBytes(partition.small, mostMergedBytes)
      const count = parts.reduce((sum, { part }) => sum + part.rows, 0)
      const paths = parts.map(({ path }) => path)
      await this.#publish(partition, count, (path, known) => this.#writer.merge(paths, path, known))
      for (const path of paths) rmSync(path, { force: true })
    }
  }

  /** Writes a file of the partition, without what the partition has already, and gives it its name. */
  async #publish(
    partition: Partition,
    count: number,
    write: (path: string, known: readonly string[]) => Promise<Part>,
  ): Promise<void> {
    const { folder } = partition
    const number = String(++partition.files).padStart(4, '0')
    const name = `part-${this.#names.stamp}-${number}-${this.#names.random}.parquet`
    if (this.#place.has(folder, name)) {
      this.#report.known += count
      return
    }
    const path = this.#tempPath()
    const { rows, bytes } = await write(path, await this.#filesOfOthers(folder))
    this.#report.known += count - rows
    if (rows === 0) {
      rmSync(path, { force: true })
      return
    }
    switch (await this.#place.publish(path, folder, name)) {
      case 'published':
        this.#report.files++
        this.#report.bytes += bytes
        this.#report.rows += rows
        return
      case 'present':
        this.#report.known += rows
        return
      case 'differs': {
        const unwritten = await write(this.#tempPath(), await this.#place.filesOf(folder, () => true))
        if (unwritten.rows > 0) throw nameTaken(`${folder}/${name}`)
        this.#report.known += rows
      }
    }
  }

  /** Files of a partition that these rows did not come to. No row is added twice, so those of this dataset need no look. */
  #filesOfOthers(folder: string): Promise<readonly string[]> {
    const { stamp, random } = this.#names
    return this.#place.filesOf(
      folder,
      (name) => !name.startsWith(`part-${stamp}-`) || !name.endsWith(`-${random}.parquet`),
    )
  }

  #tempPath(): string {
    return join(this.#tempFolder, `${++this.#temps}.parquet`)
  }

  async #release(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#writer.close()
    onDisk(this.#tempFolder, () => rmSync(this.#tempFolder, { recursive: true, force: true }))
    await Promise.resolve()
  }
}

/** Takes from the front as many as have at most that many bytes together, and one at least. */
function withinBytes<T extends { readonly part: Part }>(parts: T[], most: number): T[] {
  let bytes = 0
  const end = parts.findIndex(({ part }, at) => (bytes += part.bytes) > most && at > 0)
  return parts.splice(0, end === -1 ? parts.length : end)
}

/** An earlier run may have written the file with another release of DuckDB. Then it holds the same events, and this is not thrown. */
function nameTaken(file: string): CrosstrailError {
  return new CrosstrailError(
    'object.differs',
    `${file} exists in the dataset, and does not hold the events that belong there`,
    {
      hint: 'find out which program wrote it, move it out of the dataset, and run again',
      facts: { file },
    },
  )
}
