import { logColumns } from './event-columns.ts'
import { eachField } from './object-fields.ts'

/** Which log a record is from. */
export type RowOrigin = Readonly<Record<(typeof logColumns)[number], string | undefined>>

/** A record's own bytes, on one line, with what is known of its log before its fields. What is not an object becomes the field `record`. */
export function eventRow(record: Buffer, origin: RowOrigin): Buffer {
  const head = rowHead(origin)
  if (record[0] !== openBrace) return Buffer.concat([bytesOf(`${head},"record":`), record, bytesOf('}')])
  const isEmpty = /^\{\s*\}$/.test(record.toString('latin1', 0, 64))
  return Buffer.concat([bytesOf(isEmpty ? head : `${head},`), record.subarray(1)])
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text)
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

/**
 * When the event of a row happened; NaN if the row does not say. An aggregated record has a `timeWindow` in place of `eventTime` (AWS, "CloudTrail record
 * contents for aggregated events").
 */
export function rowTimeMs(row: Buffer): number {
  const text = row.toString('latin1')
  let eventMs = Number.NaN
  let windowMs = Number.NaN
  eachField(text, (name, _, start, end) => {
    if (name === 'eventTime') eventMs = instantOf(text, start, end)
    else if (name === 'timeWindow' && text[start] === '{') {
      const window = text.slice(start, end)
      eachField(window, (inner, _, from, until) => {
        if (inner === 'windowStart') windowMs = instantOf(window, from, until)
      })
    }
  })
  return Number.isNaN(eventMs) ? windowMs : eventMs
}

const instantPattern = /^"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})"$/

function instantOf(text: string, start: number, end: number): number {
  const value = text.slice(start, end)
  return instantPattern.test(value) ? Date.parse(value.slice(1, -1)) : Number.NaN
}
