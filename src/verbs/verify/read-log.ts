import { setImmediate as nextTurn } from 'node:timers/promises'
import { CrosstrailError } from '../../error.ts'
import { isArchived } from '../../sinks/archived.ts'
import { checkedBody } from '../../sinks/object-receiver.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import { goneError } from '../../s3/service-error.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { SourceSlice } from '../../work/source.ts'
import type { DoneOutcome } from '../../work/outcome.ts'
import type { JobTools } from '../host.ts'
import { checkLog, type ListedLog, type LogCheck } from './check-log.ts'
import { readLogFile, type WrittenFolder, writtenPath } from './written-file.ts'

/** What a thread needs to compare logs with their hashes. Plain data. */
export interface VerifyJob {
  readonly verb: 'verify'
  /** Whether the logs are files on this machine. If not, they are objects of the bucket. */
  readonly files: boolean
  /** Where the logs of the bucket were just written to. What is there is read from there, and the rest from the bucket. */
  readonly written?: WrittenFolder | undefined
  readonly maxInflatedBytes: number
}

/** A log that is there, with what a proven digest says of it. */
export interface LogToCheck extends LogObject {
  readonly listed: ListedLog
}

/** Keeps a log that was read, right or wrong. Only this thread can call it. */
export type KeepLog = (log: LogObject, body: Buffer) => Promise<void>

/** Reads each log and compares it with its hash. The field `found` of an outcome has the result. */
export function openVerify(
  { files, written, maxInflatedBytes }: VerifyJob,
  { actSignal }: Pick<JobTools, 'actSignal'>,
  keepLog?: KeepLog,
): ObjectAction<ObjectReader | undefined, unknown, SourceSlice> {
  const checked = async (account: string, object: LogObject, body: Buffer, file?: string): Promise<DoneOutcome> => {
    await keepLog?.(object, body)
    const rules = { maxInflatedBytes, mayBePlain: files || file !== undefined }
    const found = inFile(file, checkLog(body, listedOf(object), rules))
    return { status: 'done', account, object, bytes: object.sizeBytes, found: found satisfies LogCheck }
  }
  return {
    take(object, account, bucket) {
      if (bucket === undefined) {
        return async () => {
          // Reading a file blocks this thread, so everything else that waits for the event loop runs first.
          await nextTurn()
          const body = readLogFile(object.key, maxInflatedBytes, { followLink: true })
          if (body === undefined) throw goneError(object.key, undefined)
          return checked(account, object, body)
        }
      }
      const file = written && writtenPath(object, written)
      if (file !== undefined) {
        return async () => {
          await nextTurn()
          const kept = readLogFile(file, maxInflatedBytes, { followLink: false })
          if (kept !== undefined) return checked(account, object, kept, file)
          if (isArchived(object)) throw new CrosstrailError('object.archived', `${object.key} is archived`)
          return checked(account, object, await bucket.get(object, () => checkedBody(object), actSignal))
        }
      }
      if (isArchived(object)) return { status: 'skipped', account, object, reason: 'archived' }
      return async () => checked(account, object, await bucket.get(object, () => checkedBody(object), actSignal))
    },
    close: () => Promise.resolve(),
  }
}

export function listedOf(object: object): ListedLog {
  const { listed } = object as Partial<LogToCheck>
  if (listed === undefined) throw new Error('a log without the hash that a digest lists')
  return listed
}

function inFile(file: string | undefined, check: LogCheck): LogCheck {
  if (file === undefined) return check
  const findings = check.findings.map((finding) => ({ ...finding, message: `${finding.message}, in the file ${file}` }))
  return { ...check, findings }
}
