import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs'
import { CrosstrailError } from '../error.ts'
import type { AccountId } from '../trail/account-id.ts'
import { parseLogFileName } from '../trail/log-file-name.ts'
import type { ListedObject, LogObject } from '../trail/log-object.ts'
import type { SkipReason } from './outcome.ts'
import type { RunListener } from './run-event.ts'
import type { Source, SourceSlice } from './source.ts'

/** A file of a folder. Its key is its path. */
export interface LogFile extends LogObject {
  /** False if its name is not one that CloudTrail writes: then log account, region, kind and time of delivery mean nothing. */
  readonly isNamed: boolean
}

export interface FolderSourceOptions {
  /** Folders, and single files. */
  readonly roots: readonly string[]
  /** The label of the one account that such a run has. */
  readonly account: string
  readonly isSelected: (file: LogFile) => boolean
  readonly listener: RunListener
  /** Aborted: look no further. */
  readonly signal: AbortSignal
}

const filesPerPage = 1000
/** What a mirror of crosstrail keeps for itself. */
const stateFolder = '.crosstrail'

/** The logs below folders of this machine, in any arrangement: `.json.gz` and `.json`, in the order of their names. */
export function folderSource(options: FolderSourceOptions): Source<SourceSlice> {
  return {
    plan: () => Promise.resolve([{ account: options.account }]),
    async read(_slice, { take }) {
      const { account, listener } = options
      let files: LogFile[] = []
      let bytes = 0
      const give = async () => {
        listener({ type: 'listed', account, objects: files.length, bytes })
        const page = files
        files = []
        bytes = 0
        await take({ objects: page })
      }
      for (const file of filesBelow(options)) {
        if (options.signal.aborted) return
        files.push(file)
        bytes += file.sizeBytes
        if (files.length === filesPerPage) await give()
      }
      if (files.length > 0) await give()
    },
  }
}

function* filesBelow(options: FolderSourceOptions): Generator<LogFile> {
  for (const root of options.roots) {
    const stats = statSync(root, { throwIfNoEntry: false })
    if (stats === undefined) {
      throw new CrosstrailError('disk.not-found', `${root} does not exist`, { facts: { path: root } })
    }
    if (stats.isDirectory()) yield* walk(root.length > 1 && root.endsWith('/') ? root.slice(0, -1) : root, options)
    else yield logFile(root, stats)
  }
}

function* walk(folder: string, options: FolderSourceOptions): Generator<LogFile> {
  let entries
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    return fail(folder, error, options)
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = `${folder === '/' ? '' : folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (entry.name !== stateFolder) yield* walk(path, options)
      continue
    }
    try {
      // A link to a file is followed. One to a folder is not: it may lead back up.
      const stats = entry.isSymbolicLink() ? statSync(path) : lstatSync(path)
      const file = logFile(path, stats)
      if (!stats.isFile() || !/\.json(\.gz)?$/.test(entry.name)) skip(file, 'foreign', options)
      else if (options.isSelected(file)) yield file
      else skip(file, 'unselected', options)
    } catch (error) {
      fail(path, error, options)
    }
  }
}

function logFile(path: string, stats: Stats): LogFile {
  const parts = parseLogFileName(path)
  return {
    ...unlisted(path),
    sizeBytes: stats.size,
    lastModifiedMs: Math.floor(stats.mtimeMs),
    isNamed: parts !== undefined,
    logAccount: parts?.logAccount ?? ('' as AccountId),
    region: parts?.region ?? '',
    kind: parts?.kind ?? 'events',
    deliveredAtMs: parts?.deliveredAtMs ?? Number.NaN,
  }
}

/** What is known of a path that cannot be looked at. */
function unlisted(path: string): ListedObject {
  return { key: path, sizeBytes: 0, etag: '', lastModifiedMs: 0, storageClass: 'STANDARD' }
}

function skip(object: LogFile, reason: SkipReason, { account, listener }: FolderSourceOptions): void {
  listener({ type: 'outcome', outcome: { status: 'skipped', account, object, reason } })
}

function fail(path: string, cause: unknown, { account, listener }: FolderSourceOptions): void {
  const why = cause instanceof Error ? cause.message : String(cause)
  const error = new CrosstrailError('object.unreadable', `${path} cannot be read: ${why}`, { facts: { path }, cause })
  listener({ type: 'outcome', outcome: { status: 'failed', account, object: unlisted(path), error } })
}
