import type { logColumns } from './event-columns.ts'
import type { LogParts } from './log-parts.ts'
import { type EventRecord, eventSpanOf } from './record.ts'

/** Puts what is known of its log before the fields of a record. `line`: the record on one line, as `recordLine` makes it. */
export function eventRow(line: Uint8Array, { logAccount, region, kind, file }: LogParts): Buffer {
  const log: Record<(typeof logColumns)[number], string | null> = {
    log_account: logAccount ?? null,
    log_region: region ?? null,
    kind: kind ?? null,
    file,
  }
  const head = JSON.stringify(log).slice(0, -1)
  const isEmpty = /^\{\s*\}/.test(Buffer.from(line.subarray(0, 64)).toString('latin1'))
  return Buffer.concat([Buffer.from(isEmpty ? head : `${head},`), line.subarray(1)])
}

/** Where a row belongs. */
export interface RowPlace {
  readonly account: string | null
  readonly region: string | null
}

/** Reads places from the first bytes of rows, and remembers them: rows of one log begin alike. */
export class RowPlaces {
  readonly #known = new Map<string, RowPlace>()

  /** Throws if it is not a row. */
  of(row: Buffer): RowPlace {
    const [head] = headPattern.exec(row.toString('latin1', 0, maxHeadBytes)) ?? []
    if (head === undefined) throw new Error('a row begins with log_account and log_region')
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

/** When the event of a row began; NaN if the row does not say. */
export function rowTimeMs(row: Buffer): number {
  return eventSpanOf(JSON.parse(row.toString()) as EventRecord)?.startMs ?? Number.NaN
}
