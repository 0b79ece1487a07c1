import { constants } from 'node:buffer'
import { join } from 'node:path'
import type { InflateLimit } from '../disk/file-form.ts'
import { inflateLog } from '../disk/inflate.ts'
import { stateFolderName } from '../disk/local-path.ts'
import { makeOwnFolder } from '../disk/make-folder.ts'
import { SafeFolders } from '../disk/safe-folders.ts'
import { isArchived } from './archived.ts'
import { checkedBody } from './object-receiver.ts'
import { EventFiles, type EventFilesMemory, type Rotation } from './event-files.ts'
import { EventIds, type EventIdMemory } from './event-ids.ts'
import type { Sink } from './sink.ts'
import type { LogObject } from '../trail/log-object.ts'
import { type LogRecord, recordsOf } from '../records/log-records.ts'

/** Plain data. */
export interface NdjsonOptions extends InflateLimit {
  readonly rotate: Rotation
  /** Also publish the growing file at the end of the pull, because no other pull may follow. */
  readonly publishAtEnd: boolean
}

export interface NdjsonSinkOptions extends NdjsonOptions {
  readonly root: string
  /** For a sink that makes other files from the lines. Default: the lines are the result. */
  readonly lines?: EventLines | undefined
  readonly lookBackMs: number
  readonly nowMs: () => number
}

export interface EventLines {
  /** The name of the folder in the state folder in which files grow. */
  readonly stateName: string
  /** The folder for full files. It exists, on the same file system. */
  readonly target: string
  /** Returns the line of a record of the log, with its line end. */
  readonly linesOf: (log: LogObject) => (record: LogRecord) => Buffer
}

interface Memory {
  readonly files: EventFilesMemory
  readonly ids: EventIdMemory
}

/** Writes events, one per line, each once within the look-back. Digests are covered, but contain no events. */
export function ndjsonSink(options: NdjsonSinkOptions, remembered: unknown, signal: AbortSignal): Sink {
  const { root, rotate, publishAtEnd, lookBackMs, nowMs } = options
  // A log is parsed as one string.
  const maxInflatedBytes = Math.min(options.maxInflatedBytes, constants.MAX_STRING_LENGTH)
  // `readCoverage` has checked its shape.
  const memory = (remembered as Memory | undefined) ?? { files: { full: [] }, ids: {} }
  const { stateName, target, linesOf } = options.lines ?? { ...ownLines, target: root }
  const parts = join(root, stateFolderName, stateName)
  makeOwnFolder(parts)
  const folders = new SafeFolders(root)
  const confirm = () => folders.confirmOwn(`${stateFolderName}/${stateName}`, 0)
  const files = new EventFiles(target, parts, memory.files, { rotation: rotate, publishAtEnd, nowMs, confirm })
  const ids = new EventIds(parts, memory.ids, lookBackMs, confirm)
  // An event is known only if its line is written.
  const write = (records: readonly LogRecord[], log: LogObject): void => {
    const forget = ids.add(
      records.flatMap(({ eventId }) => eventId ?? []),
      log.lastModifiedMs,
    )
    try {
      files.append(Buffer.concat(records.map(linesOf(log))))
    } catch (error) {
      forget()
      throw error
    }
  }
  return {
    take(object, account, bucket) {
      if (isArchived(object)) return { status: 'skipped', account, object, reason: 'archived' }
      return async () => {
        const body = await bucket.get(object, () => checkedBody(object), signal)
        const records = recordsOf(inflateLog(body, { maxInflatedBytes }), object.key)
        const fresh = withoutKnown(records, ids)
        write(fresh, object)
        const detail = { events: fresh.length, duplicates: records.length - fresh.length }
        return { status: 'done', account, object, bytes: object.sizeBytes, detail }
      }
    },
    flush: () => Promise.resolve({ files: files.flush(), ids: ids.flush() } satisfies Memory),
    finish: () => files.finish(),
    committed: () => files.nameFull(),
    close() {
      files.close()
      ids.close()
      return Promise.resolve()
    },
  }
}

const ownLines = {
  stateName: 'ndjson',
  linesOf:
    () =>
    ({ line }: LogRecord) =>
      line,
}

function withoutKnown(records: readonly LogRecord[], ids: EventIds): LogRecord[] {
  const here = new Set<string>()
  return records.filter(({ eventId }) => {
    if (eventId === undefined) return true
    if (here.has(eventId) || ids.has(eventId)) return false
    here.add(eventId)
    return true
  })
}
