import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { eventSpanOf } from '../records/record.ts'
import { isoSeconds } from './activity/cast.ts'
import type { Place } from './activity/call-record.ts'
import { type SampleKind, sampleRecords } from './events.ts'
import { randomIndex, type Random } from './random.ts'

/** The content of a log file, with the facts that a digest states about it. */
export interface LogBody {
  readonly gzip: Buffer
  /** SHA-256 of the uncompressed file, hexadecimal. */
  readonly sha256: string
  readonly oldestEventTime: string
  readonly newestEventTime: string
}

/** Returns a log file with some dozen records from the 15 minutes before its delivery. */
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

/** Returns the same content as other bytes, by the time stamp of the gzip header, so that objects that must not be confused differ. */
export function stamped(gzip: Buffer, serial: number): Buffer {
  const copy = Buffer.from(gzip)
  copy.writeUInt32LE(serial >>> 0, 4)
  return copy
}
