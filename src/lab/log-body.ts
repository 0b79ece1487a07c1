import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { sampleRecord, type RecordFacts } from './events.ts'
import { randomIndex, type Random } from './random.ts'

/** The content of a log file, with what a digest says about it. */
export interface LogBody {
  readonly gzip: Buffer
  /** Of the uncompressed file, hexadecimal. */
  readonly sha256: string
  readonly oldestEventTime: string
  readonly newestEventTime: string
}

/** A log file with some dozen records from the quarter of an hour before its delivery. */
export function logBody(random: Random, facts: Omit<RecordFacts, 'eventTimeMs'> & { deliveredAtMs: number }): LogBody {
  const count = facts.kind === 'events' ? 4 + randomIndex(random, 28) : 1 + randomIndex(random, 3)
  const records = Array.from({ length: count }, () => {
    const eventTimeMs = facts.deliveredAtMs - randomIndex(random, 15 * 60_000)
    return sampleRecord(random, { ...facts, eventTimeMs })
  })
  const times = records.map((record) => String(record['eventTime'])).sort()
  const json = Buffer.from(JSON.stringify({ Records: records }))
  return {
    gzip: gzipSync(json),
    sha256: createHash('sha256').update(json).digest('hex'),
    oldestEventTime: times.at(0) ?? '',
    newestEventTime: times.at(-1) ?? '',
  }
}

/** The same content in other bytes, through the time stamp of the gzip header: objects that must not be mixed up stay distinct. */
export function stamped(gzip: Buffer, serial: number): Buffer {
  const copy = Buffer.from(gzip)
  copy.writeUInt32LE(serial >>> 0, 4)
  return copy
}
