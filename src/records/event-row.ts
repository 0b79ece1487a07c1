import { logColumns } from './event-columns.ts'

/** Which log a record is from. */
export type RowOrigin = Readonly<Record<(typeof logColumns)[number], string | undefined>>

/** A record's own bytes, on one line, with what is known of its log before its fields. What is not an object becomes the field `record`. */
export function eventRow(record: Buffer, origin: RowOrigin): Buffer {
  const head = Buffer.from(rowHead(origin))
  if (record[0] !== openBrace) return Buffer.concat([head, Buffer.from(',"record":'), record, Buffer.from('}')])
  const isEmpty = /^\{\s*\}$/.test(record.toString('latin1', 0, 64))
  return Buffer.concat([head, Buffer.from(isEmpty ? '' : ','), record.subarray(1)])
}

const openBrace = 0x7b

function rowHead(origin: RowOrigin): string {
  const fields = logColumns.map((name) => `${JSON.stringify(name)}:${JSON.stringify(origin[name] ?? null)}`)
  return `{${fields.join(',')}`
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
