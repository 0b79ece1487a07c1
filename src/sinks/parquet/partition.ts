import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, diskError } from '../../disk/disk-error.ts'
import { partitionColumns } from '../../records/event-columns.ts'
import type { RowPlace } from '../../records/event-row.ts'
import { isDatable } from './row-encoder.ts'

/** What Hive, DuckDB, Spark and Athena read as NULL. */
const noValue = '__HIVE_DEFAULT_PARTITION__'
const maxValueBytes = 80

/** The folder of a row, relative, with `/` between segments: `account=…/region=…/date=2026-11-30`. */
export function partitionFolder({ account, region }: RowPlace, timeMs: number): string {
  const date = isDatable(timeMs) ? new Date(timeMs).toISOString().slice(0, 10) : null
  return [account, region, date].map((value, at) => `${partitionColumns[at]}=${segmentOf(value)}`).join('/')
}

/** A record may name any region: what is no plain name is escaped as Hive does, and what no folder can hold is no value. */
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

/** The Parquet files of a partition, as absolute paths, sorted. Empty if it is not there. Throws `disk.…`. */
export function filesOfPartition(root: string, folder: string): string[] {
  const path = join(root, folder)
  return entriesOf(path, (entry) => entry.isFile() && entry.name.endsWith('.parquet')).map((name) => join(path, name))
}

/** The Parquet files of all partitions. */
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
