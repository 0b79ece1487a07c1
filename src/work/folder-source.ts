import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { isSignatureName } from '../disk/signature-file.ts'
import type { AccountId } from '../trail/account-id.ts'
import { parseLogFileName } from '../trail/log-file-name.ts'
import type { ListedObject, LogObject } from '../trail/log-object.ts'
import { findRoots, type FolderRoot, isLogName, joined, pathBelow, stateFolder } from './folder-roots.ts'
import type { SkipReason } from './outcome.ts'
import type { RunListener } from './run-event.ts'
import type { Source, SourceSlice } from './source.ts'
import { unreadableFile } from './unreadable-file.ts'

/** A file of a folder. Its key is its path. */
export interface LogFile extends LogObject {
  /** False if CloudTrail did not give the file its name. Then log account, region, kind and time of delivery have no meaning. */
  readonly isNamed: boolean
}

export interface FolderSourceOptions {
  /** Folders, and single files. */
  readonly roots: readonly string[]
  /** The label of the only account of such a run. */
  readonly account: string
  readonly isSelected: (file: LogFile) => boolean
  readonly listener: RunListener
  /** If aborted, no more files are listed. */
  readonly signal: AbortSignal
}

const filesPerPage = 1000

/**
 * Lists the logs in folders of this machine, whatever their structure: `.json.gz` and `.json`, sorted by name. Each file is listed once, even
 * if roots overlap or a link leads to a file of another root. Reading throws `disk.not-found` and `object.unreadable` if a root cannot be
 * read; for all other files and folders the listener gets an outcome.
 */
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
      for (const file of new FolderWalk(options).files()) {
        if (options.signal.aborted) return
        files.push(file)
        bytes += file.sizeBytes
        if (files.length === filesPerPage) await give()
      }
      if (files.length > 0) await give()
    },
  }
}

class FolderWalk {
  readonly #options: FolderSourceOptions
  readonly #roots: readonly FolderRoot[]
  /** The files outside of all roots that links led to. Memory grows only with the number of links. */
  readonly #linked = new Set<string>()

  constructor(options: FolderSourceOptions) {
    this.#options = options
    this.#roots = findRoots(options.roots)
  }

  *files(): Generator<LogFile> {
    for (const { path, stats } of this.#roots) {
      if (stats.isDirectory()) yield* this.#below(path)
      else yield* this.#selected(logFile(path, stats))
    }
  }

  *#below(folder: string): Generator<LogFile> {
    let entries
    try {
      entries = readdirSync(folder, { withFileTypes: true })
    } catch (error) {
      this.#fail(folder, error)
      return
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      const path = joined(folder, entry.name)
      if (entry.isDirectory()) {
        if (entry.name !== stateFolder) yield* this.#below(path)
      } else if (isSignatureName(entry.name)) {
        // The file that a mirror keeps beside a digest is not foreign, and not a log.
      } else if (!isLogName(entry.name) || !(entry.isFile() || entry.isSymbolicLink())) {
        this.#skip(unlisted(path), 'foreign')
      } else {
        yield* this.#found(path, entry.isSymbolicLink())
      }
    }
  }

  *#found(path: string, isLink: boolean): Generator<LogFile> {
    let stats
    try {
      stats = isLink ? statSync(path) : lstatSync(path)
      if (isLink && stats.isFile() && this.#isReadAnyway(path, stats)) return
    } catch (error) {
      this.#fail(path, error)
      return
    }
    // A link to a folder is not followed, because it may lead back up.
    if (stats.isFile()) yield* this.#selected(logFile(path, stats))
    else this.#skip(unlisted(path), 'foreign')
  }

  /** Whether the file that a link leads to is read under its own path, or was read through another link. */
  #isReadAnyway(link: string, stats: Stats): boolean {
    const realPath = realpathSync.native(link)
    const isListed = this.#roots.some((root) => {
      const path = pathBelow(root, realPath)
      if (path === undefined) return false
      return (path === root.path || isLogName(path)) && this.#options.isSelected(logFile(path, stats))
    })
    if (isListed) return true
    if (this.#linked.has(realPath)) return true
    if (this.#options.isSelected(logFile(link, stats))) this.#linked.add(realPath)
    return false
  }

  *#selected(file: LogFile): Generator<LogFile> {
    if (this.#options.isSelected(file)) yield file
    else this.#skip(file, 'unselected')
  }

  #skip(object: ListedObject, reason: SkipReason): void {
    const { account, listener } = this.#options
    listener({ type: 'outcome', outcome: { status: 'skipped', account, object, reason } })
  }

  #fail(path: string, cause: unknown): void {
    const { account, listener } = this.#options
    const error = unreadableFile(path, cause)
    listener({ type: 'outcome', outcome: { status: 'failed', account, object: unlisted(path), error } })
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

/** What is known of a path without a call to the system. */
function unlisted(path: string): ListedObject {
  return { key: path, sizeBytes: 0, etag: '', lastModifiedMs: 0, storageClass: 'STANDARD' }
}
