import type { EventRecord } from '../../records/record.ts'
import type { LogSpans } from '../../records/split-log.ts'

/** Parses a record of a log, by its place in the log. Throws if the record is not JSON. */
export type RecordParser = (at: number) => EventRecord

/** For all records of a log: parsing the whole log once takes less time than parsing each record. */
export function parseAll(bytes: Buffer, spans: LogSpans): RecordParser {
  try {
    const { Records: records } = JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')) as {
      readonly Records: readonly EventRecord[]
    }
    if (records.length * 2 === spans.ends.length) return (at) => records[at] ?? {}
  } catch {
    // One record that is not JSON must not affect the others, so each one is parsed on its own.
  }
  return parseEach(bytes, spans)
}

/** For a few records of a log. */
export function parseEach(bytes: Buffer, { ends }: LogSpans): RecordParser {
  return (at) => JSON.parse(bytes.toString('utf8', ends[2 * at], ends[2 * at + 1])) as EventRecord
}
