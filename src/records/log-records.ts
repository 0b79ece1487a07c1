import { CrosstrailError } from '../error.ts'
import { type EventRecord, eventIdOf } from './record.ts'
import { recordLine } from './record-line.ts'
import { splitLog } from './split-log.ts'

/** One event of a log. */
export interface LogRecord {
  readonly eventId: string | undefined
  /**
   * The exact bytes that CloudTrail wrote, as one line with a line feed at the end. Parsing and writing the record would change large numbers
   * and bytes that are not UTF-8.
   */
  readonly line: Uint8Array
}

/** Returns the events of an unzipped log, in its order. A digest has none. Throws `object.not-a-log` if any part of the log is not valid. */
export function recordsOf(bytes: Buffer, key: string): LogRecord[] {
  const { ends } = splitLog(bytes, key)
  const parsed = parseAll(bytes, key)
  return parsed.map((record, at) => ({
    eventId: eventIdOf(record),
    line: recordLine(bytes.subarray(ends[2 * at], ends[2 * at + 1])),
  }))
}

function parseAll(bytes: Buffer, key: string): readonly EventRecord[] {
  try {
    // JSON.parse does not accept a byte order mark.
    const text = bytes.toString('utf8').replace(/^\ufeff/, '')
    return (JSON.parse(text) as { readonly Records?: readonly EventRecord[] }).Records ?? []
  } catch (cause) {
    throw new CrosstrailError('object.not-a-log', `${key} is not a CloudTrail log: it is not JSON`, {
      facts: { key },
      cause,
    })
  }
}
