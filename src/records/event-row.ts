import type { logColumns } from './event-columns.ts'
import type { LogParts } from './log-parts.ts'
import { type EventRecord, eventSpanOf } from './record.ts'

/** Returns a record with the fields of its log before its own. `line`: the record on one line, as `recordLine` makes it. */
export function eventRow(line: Uint8Array, log: LogParts): Buffer {
  const head = headOf(log)
  const row = Buffer.allocUnsafe(head.length + line.length - 1)
  row.set(head)
  row.set(line.subarray(1), head.length)
  // The head ends with a comma, which an empty record must not have.
  if (isEmptyObject(line)) row[head.length - 1] = space
  return row
}

const space = 0x20
const closingBrace = 0x7d

function isEmptyObject(line: Uint8Array): boolean {
  let at = 1
  while ((line[at] ?? closingBrace) <= space) at++
  return line[at] === closingBrace
}

const heads = new WeakMap<LogParts, Buffer>()

/** Records of one log have the same head. */
function headOf(log: LogParts): Buffer {
  const known = heads.get(log)
  if (known !== undefined) return known
  const { logAccount, region, kind, file } = log
  const fields: Record<(typeof logColumns)[number], string | null> = {
    log_account: logAccount ?? null,
    log_region: region ?? null,
    kind: kind ?? null,
    file,
  }
  const head = Buffer.from(`${JSON.stringify(fields).slice(0, -1)},`)
  heads.set(log, head)
  return head
}

/** The log account and region of a row. */
export interface RowPlace {
  readonly account: string | null
  readonly region: string | null
}

/** Reads the places of rows from their first bytes. */
export class RowPlaces {
  readonly #known = new Map<string, RowPlace>()
  #lastHead = Buffer.alloc(0)
  #last: RowPlace | undefined

  /** Returns the same object for rows that follow each other and have the same place. Throws if it is not a row. */
  of(row: Buffer): RowPlace {
    const { length } = this.#lastHead
    if (this.#last !== undefined && this.#lastHead.compare(row, 0, Math.min(length, row.length)) === 0)
      return this.#last
    const [head] = headPattern.exec(row.toString('latin1', 0, maxHeadBytes)) ?? []
    if (head === undefined) throw new Error('a row begins with log_account and log_region')
    this.#lastHead = Buffer.from(head, 'latin1')
    this.#last = this.#placeOf(head)
    return this.#last
  }

  #placeOf(head: string): RowPlace {
    const known = this.#known.get(head)
    if (known !== undefined) return known
    const { log_account: account, log_region: region } = JSON.parse(`${utf8Text(head)}}`) as Record<
      string,
      string | null
    >
    const place = { account: account ?? null, region: region ?? null }
    if (this.#known.size >= maxKnown) this.#known.clear()
    this.#known.set(head, place)
    return place
  }
}

const headPattern = /^\{"log_account":(?:"(?:[^"\\]|\\.)*"|null),"log_region":(?:"(?:[^"\\]|\\.)*"|null)/
const maxHeadBytes = 1024
const maxKnown = 10_000

function utf8Text(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8')
}

/** Returns when the event of a row began, or NaN if the row does not say. */
export function rowTimeMs(row: Buffer): number {
  return eventSpanOf(JSON.parse(row.toString()) as EventRecord)?.startMs ?? Number.NaN
}
