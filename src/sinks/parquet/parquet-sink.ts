import { createReadStream, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onDisk, diskError } from '../../disk/disk-error.ts'
import { stateFolderName } from '../../disk/local-path.ts'
import { makeOwnFolder } from '../../disk/make-folder.ts'
import { removeFile } from '../../disk/remove-file.ts'
import { openRunFolder } from '../../disk/run-folder.ts'
import { SafeFolders } from '../../disk/safe-folders.ts'
import { eventRow, rowTimeMs } from '../../records/event-row.ts'
import type { LogRecord } from '../../records/log-records.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { type NdjsonSinkOptions, ndjsonSink } from '../ndjson.ts'
import type { Sink } from '../sink.ts'
import { BucketPlace, type BucketPlaceOptions } from './bucket-place.ts'
import { type Dataset, openDatasetAt } from './dataset.ts'
import type { DatasetPlace } from './dataset-place.ts'
import { FolderPlace } from './folder-place.ts'
import type { PartNames } from './part-names.ts'

export interface ParquetSinkOptions extends Omit<NdjsonSinkOptions, 'lines'> {
  /** The bucket of the dataset. Default: the dataset is below `root`. */
  readonly bucket?: Pick<BucketPlaceOptions, 'openSide' | 'prefix'> | undefined
}

/**
 * Writes events to a Parquet dataset, each once. Rows first go to a growing file of JSON lines in the state folder, and coverage remembers its length. Once
 * the file is full or old enough and coverage remembers that, its rows are written as Parquet files, and it is removed. If the process is killed in
 * between, the next pull does this again, with the same names of files.
 */
export function parquetSink(options: ParquetSinkOptions, remembered: unknown, signal: AbortSignal): Sink {
  const { root, bucket } = options
  const full = join(root, stateFolderName, fullFolder)
  makeOwnFolder(full)
  const folders = new SafeFolders(root)
  const lines = { stateName, target: full, linesOf: rowsOf }
  const sink = ndjsonSink({ ...options, lines }, remembered, signal)
  const place = bucket === undefined ? folderPlace(root) : bucketPlace(root, bucket, signal)
  return {
    ...sink,
    finish: () => sink.finish?.() === true || filesIn(full).length > 0,
    async committed() {
      await sink.committed?.()
      for (const { name, names } of filesIn(full)) {
        folders.confirmOwn(`${stateFolderName}/${fullFolder}`, 0)
        const { tempFolder } = openRunFolder(root)
        await publish(join(full, name), () => openDatasetAt({ place: place.open(), tempFolder, names }))
      }
    },
    async close() {
      place.close()
      await sink.close()
    },
  }
}

interface OpenPlace {
  open(): DatasetPlace
  close(): void
}

function folderPlace(root: string): OpenPlace {
  const place = new FolderPlace(root)
  return { open: () => place, close: () => undefined }
}

/** What was listed and fetched for one file helps with the next. */
function bucketPlace(root: string, bucket: NonNullable<ParquetSinkOptions['bucket']>, signal: AbortSignal): OpenPlace {
  let opened: { readonly folder: string; readonly place: BucketPlace } | undefined
  return {
    open() {
      if (opened === undefined) {
        const { tempFolder: folder } = openRunFolder(root)
        opened = { folder, place: new BucketPlace({ ...bucket, folder, signal }) }
      }
      return opened.place
    },
    close() {
      if (opened === undefined) return
      const { folder } = opened
      onDisk(folder, () => rmSync(folder, { recursive: true, force: true }))
    },
  }
}

const stateName = 'parquet'
const fullFolder = `${stateName}/full`

function rowsOf({ key, logAccount, region, kind }: LogObject): (record: LogRecord) => Buffer {
  const log = { file: key, logAccount, region, kind }
  return ({ line }) => eventRow(line, log)
}

/** Lists the full files. The names of their Parquet files depend on their own, so a second attempt gives the same names. */
function filesIn(folder: string): { readonly name: string; readonly names: PartNames }[] {
  return onDisk(folder, () => readdirSync(folder))
    .sort()
    .flatMap((name) => {
      const [, stamp, random] = /^events-([0-9TZ]+)-\d+-([0-9a-f]{8})\.ndjson$/.exec(name) ?? []
      return stamp === undefined || random === undefined ? [] : [{ name, names: { stamp, random } }]
    })
}

async function publish(file: string, open: () => Promise<Dataset>): Promise<void> {
  const dataset = await open()
  try {
    await addLines(file, dataset)
    await dataset.close()
  } finally {
    await dataset.abort()
  }
  removeFile(file)
}

async function addLines(file: string, dataset: Dataset): Promise<void> {
  let rest: Buffer[] = []
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: readBytes })) {
      const bytes = chunk as Buffer
      let start = 0
      for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
        const row =
          rest.length === 0 ? bytes.subarray(start, end) : Buffer.concat([...rest, bytes.subarray(start, end)])
        rest = []
        start = end + 1
        await dataset.add(row, rowTimeMs(row))
      }
      if (start < bytes.length) rest.push(bytes.subarray(start))
    }
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? diskError(error, file) : error
  }
}

const lineFeed = 0x0a
const readBytes = 1024 * 1024
