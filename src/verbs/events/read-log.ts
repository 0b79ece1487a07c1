import { setImmediate as nextTurn } from 'node:timers/promises'
import { inflateLog } from '../../disk/inflate.ts'
import { readRegularFile } from '../../disk/regular-file.ts'
import { CrosstrailError, hasCode } from '../../error.ts'
import type { LogParts } from '../../records/log-parts.ts'
import { isArchived } from '../../sinks/archived.ts'
import { checkedBody } from '../../sinks/object-receiver.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { LogFile } from '../../work/folder-source.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { SourceSlice } from '../../work/source.ts'
import { unreadableFile } from '../../work/unreadable-file.ts'
import type { DoneOutcome } from '../../work/outcome.ts'
import type { JobTools } from '../host.ts'
import { LogSearch, type SearchedLog, type SearchOptions } from './log-search.ts'

/** What a thread needs to search logs, besides their keys. Plain data. */
export interface EventsJob {
  readonly verb: 'events'
  /** Whether the logs are files on this machine. If not, they are objects of a bucket. */
  readonly files: boolean
  readonly search: SearchOptions
  readonly maxInflatedBytes: number
}

/** Reads each log and searches it. The field `found` of an outcome has the result. Nothing is written. */
export function openEvents(
  job: EventsJob,
  { actSignal }: Pick<JobTools, 'actSignal'>,
): ObjectAction<ObjectReader | undefined, unknown, SourceSlice> {
  const search = new LogSearch(job.search)
  const searched = (account: string, object: LogObject, body: Buffer): DoneOutcome => {
    const found = search.search(inflated(body, job), partsOf(object))
    return { status: 'done', account, object, bytes: object.sizeBytes, found: found satisfies SearchedLog }
  }
  return {
    take(object, account, bucket) {
      if (bucket === undefined) {
        return async () => {
          // Reading a file blocks this thread, so everything else that waits for the event loop runs first.
          await nextTurn()
          return searched(account, object, readFile(object.key, job))
        }
      }
      if (isArchived(object)) return { status: 'skipped', account, object, reason: 'archived' }
      return async () => searched(account, object, await bucket.get(object, () => checkedBody(object), actSignal))
    },
    close: () => Promise.resolve(),
  }
}

/** Other tools unzip logs and may keep their names, so the content of a file decides whether it is zipped. */
function inflated(body: Buffer, { files, maxInflatedBytes }: EventsJob): Buffer {
  if (!files) return inflateLog(body, { maxInflatedBytes })
  const isGzip = body[0] === 0x1f && body[1] === 0x8b
  if (!isGzip) return body
  try {
    return inflateLog(body, { maxInflatedBytes })
  } catch (error) {
    throw error instanceof CrosstrailError ? aboutFile(error) : error
  }
}

/** The same error with a hint about a file instead of an object in a bucket. */
function aboutFile({ code, message, facts, cause }: CrosstrailError): CrosstrailError {
  const isTooLarge = code === 'object.inflates-too-much'
  const hint = isTooLarge ? 'raise --max-inflated if you trust this file' : 'the file is damaged: fetch the log again'
  return new CrosstrailError(code, message, { hint, facts, cause })
}

function readFile(path: string, { maxInflatedBytes }: EventsJob): Buffer {
  let body
  try {
    body = readRegularFile(path, maxInflatedBytes, { followLink: true })
  } catch (error) {
    if (hasCode(error, 'disk.too-large')) {
      const message = `${path} is larger than ${maxInflatedBytes} bytes`
      throw new CrosstrailError('object.inflates-too-much', message, { hint: 'raise --max-inflated', facts: { path } })
    }
    throw unreadableFile(path, error)
  }
  if (body === undefined) throw unreadableFile(path, new Error('it was deleted during the search'))
  return body
}

function partsOf(object: LogObject & Partial<Pick<LogFile, 'isNamed'>>): LogParts {
  const { key: file, logAccount, region, kind, isNamed = true } = object
  return isNamed ? { file, logAccount, region, kind } : { file }
}
