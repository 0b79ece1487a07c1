import type { LogParts } from './log-parts.ts'
import type { EventRecord } from './record.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** A record's own bytes on one line, with its end. JSON has line breaks only between tokens: a space says the same. */
export function recordLine(record: Uint8Array): Uint8Array {
  const line = Buffer.allocUnsafe(record.length + 1)
  line.set(record)
  line[record.length] = lineFeed
  if (!record.includes(lineFeed) && !record.includes(carriageReturn)) return line
  return Buffer.from(`${line.toString('latin1', 0, record.length).replaceAll(/[\r\n]+[ \t\r\n]*/g, ' ')}\n`, 'latin1')
}

/** The same with what is known of its log before its own fields. */
export function rowLine(record: Uint8Array, parsed: EventRecord, log: LogParts): Uint8Array {
  const head = JSON.stringify({
    log_account: log.logAccount ?? null,
    log_region: log.region ?? null,
    kind: log.kind ?? null,
    file: log.file,
  })
  if (Object.keys(parsed).length === 0) return Buffer.from(`${head}\n`)
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},`), recordLine(record).subarray(1)])
}
