import { setImmediate as nextTurn } from 'node:timers/promises'
import { readRegularFile } from '../../disk/regular-file.ts'
import { CrosstrailError, hasCode } from '../../error.ts'
import { isArchived } from '../../sinks/archived.ts'
import { checkedBody } from '../../sinks/object-receiver.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import { goneError } from '../../s3/service-error.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { SourceSlice } from '../../work/source.ts'
import type { DoneOutcome } from '../../work/outcome.ts'
import { unreadableFile } from '../../work/unreadable-file.ts'
import type { JobTools } from '../host.ts'
import { checkLog, type ListedLog, type LogCheck } from './check-log.ts'

/** What a thread needs to compare logs with their hashes. Plain data. */
export interface VerifyJob {
  readonly verb: 'verify'
  /** Whether the logs are files on this machine. If not, they are objects of the bucket. */
  readonly files: boolean
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
  { files, maxInflatedBytes }: VerifyJob,
  { actSignal }: Pick<JobTools, 'actSignal'>,
  keepLog?: KeepLog,
): ObjectAction<ObjectReader | undefined, unknown, SourceSlice> {
  const rules = { maxInflatedBytes, mayBePlain: files }
  const checked = async (account: string, object: LogObject, body: Buffer): Promise<DoneOutcome> => {
    await keepLog?.(object, body)
    const found = checkLog(body, listedOf(object), rules)
    return { status: 'done', account, object, bytes: object.sizeBytes, found: found satisfies LogCheck }
  }
  return {
    take(object, account, bucket) {
      if (bucket === undefined) {
        return async () => {
          // Reading a file blocks this thread, so everything else that waits for the event loop runs first.
          await nextTurn()
          return checked(account, object, readFile(object.key, maxInflatedBytes))
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

function readFile(path: string, maxInflatedBytes: number): Buffer {
  let body
  try {
    body = readRegularFile(path, maxInflatedBytes, { followLink: true })
  } catch (error) {
    if (!hasCode(error, 'disk.too-large')) throw unreadableFile(path, error)
    const message = `${path} is larger than ${maxInflatedBytes} bytes`
    throw new CrosstrailError('object.inflates-too-much', message, { hint: 'raise --max-inflated', facts: { path } })
  }
  if (body === undefined) throw goneError(path, undefined)
  return body
}
