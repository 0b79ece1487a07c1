import { secondMs } from '../../trail/calendar.ts'
import { parseLogFileName } from '../../trail/log-file-name.ts'

/** Where a trail delivers: a bucket, and everything that its keys have before the log account. */
export interface DeliveryPlace {
  /** Undefined if it is not known, as in a mirror. */
  readonly bucket: string | undefined
  /** `[prefix/]AWSLogs/[o-…/]`. */
  readonly base: string
}

/** `ACCOUNT/KIND/REGION/YYYY/MM/DD/FILE`. */
const tailSegments = 7

/** A moved object keeps this part of its key: everything from the log account on. */
export function keyTail(key: string): string {
  return zippedName(key.slice(tailAt(key)))
}

export function keyBase(key: string): string {
  return key.slice(0, tailAt(key))
}

function tailAt(key: string): number {
  let at = key.length
  for (let segment = 0; segment < tailSegments; segment++) {
    at = key.lastIndexOf('/', at - 1)
    if (at <= 0) return at === 0 ? 1 : 0
  }
  return at + 1
}

export function fileName(key: string): string {
  return zippedName(key.slice(key.lastIndexOf('/') + 1))
}

/** A mirror that unzips leaves out `.gz`. */
function zippedName(name: string): string {
  return name.endsWith('.json') ? `${name}.gz` : name
}

/** The name of a digest's file without its stamp: the same for all digests of a chain. */
export function chainOfName(key: string): string {
  return fileName(key).replace(/\d{8}T\d{6}Z(?=(?:_backfill)?\.json\.gz$)/, '')
}

/** The end of a digest's period, as its name says; undefined if it is not the name of a digest. */
export function stampOfName(key: string): number | undefined {
  const parts = parseLogFileName(key)
  return parts?.kind === 'digest' ? parts.deliveredAtMs - (parts.deliveredAtMs % secondMs) : undefined
}
