import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, diskError } from '../../disk/disk-error.ts'
import { partitionColumns } from '../../records/event-columns.ts'
import type { RowPlace } from '../../records/event-row.ts'
import { dayMs } from '../../trail/calendar.ts'
import { isDatable } from './row-encoder.ts'

/** Hive, DuckDB, Spark and Athena read this value as NULL. */
const noValue = '__HIVE_DEFAULT_PARTITION__'
const maxValueBytes = 80

/** Names the folders of rows. */
export class PartitionFolders {
  #place: RowPlace | undefined
  #day = Number.NaN
  #folder = ''

  /** Returns the folder of a row, relative, with `/` between segments: `account=…/region=…/date=2026-11-30`. */
  of(place: RowPlace, timeMs: number): string {
    const day = Math.floor(timeMs / dayMs)
    if (place === this.#place && day === this.#day) return this.#folder
    this.#place = place
    this.#day = day
    this.#folder = folderOf(place, timeMs)
    return this.#folder
  }
}

function folderOf({ account, region }: RowPlace, timeMs: number): string {
  const date = isDatable(timeMs) ? new Date(timeMs).toISOString().slice(0, 10) : null
  return [account, region, date].map((value, at) => `${partitionColumns[at]}=${segmentOf(value)}`).join('/')
}

/** A record may name any region, so other characters are escaped as Hive does. A value that is too long for the name of a folder becomes no value. */
function segmentOf(value: string | null): string {
  if (value === null || value === '') return noValue
  if (/^[A-Za-z0-9_-]{1,80}$/.test(value)) return value
  const escaped = Array.from(Buffer.from(value), (byte) =>
    /[A-Za-z0-9_-]/.test(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')
  return escaped.length <= maxValueBytes ? escaped : noValue
}

const segmentPatterns = partitionColumns.map((name) => new RegExp(`^${name}=.+$`))

/** Returns the Parquet files of a partition, as sorted absolute paths. Empty if the folder is missing. Throws `disk.…`. */
export function filesOfPartition(root: string, folder: string): string[] {
  const path = join(root, folder)
  return entriesOf(path, (entry) => entry.isFile() && entry.name.endsWith('.parquet')).map((name) => join(path, name))
}

/** Returns the Parquet files of all partitions. Throws `disk.…`. */
export function filesOfDataset(root: string): string[] {
  let folders = ['']
  for (const pattern of segmentPatterns) {
    folders = folders.flatMap((folder) =>
      entriesOf(join(root, folder), (entry) => entry.isDirectory() && pattern.test(entry.name)).map((name) =>
        join(folder, name),
      ),
    )
  }
  return folders.flatMap((folder) => filesOfPartition(root, folder))
}

interface Entry {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
}

function entriesOf(path: string, isWanted: (entry: Entry) => boolean): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter(isWanted)
      .map(({ name }) => name)
      .sort()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw diskError(error, path)
  }
}
