import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { eventSpanOf } from '../records/record.ts'
import { isoSeconds } from './activity/cast.ts'
import type { Place } from './activity/call-record.ts'
import { type SampleKind, sampleRecords } from './events.ts'
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
export function logBody(
  random: Random,
  { deliveredAtMs, ...facts }: Place & { readonly kind: SampleKind; readonly deliveredAtMs: number },
): LogBody {
  const count = facts.kind === 'events' ? 4 + randomIndex(random, 28) : 1 + randomIndex(random, 3)
  const records = sampleRecords(random, { ...facts, count, fromMs: deliveredAtMs - 15 * 60_000, toMs: deliveredAtMs })
  const times = records.map((record) => eventSpanOf(record)?.startMs ?? deliveredAtMs)
  const json = Buffer.from(JSON.stringify({ Records: records }))
  return {
    gzip: gzipSync(json),
    sha256: createHash('sha256').update(json).digest('hex'),
    oldestEventTime: isoSeconds(Math.min(...times)),
    newestEventTime: isoSeconds(Math.max(...times)),
  }
}

/** The same content in other bytes, through the time stamp of the gzip header: objects that must not be mixed up stay distinct. */
export function stamped(gzip: Buffer, serial: number): Buffer {
  const copy = Buffer.from(gzip)
  copy.writeUInt32LE(serial >>> 0, 4)
  return copy
}
