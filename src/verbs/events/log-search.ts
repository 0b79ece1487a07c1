import { type LogParts, partsOfRecord } from '../../records/log-parts.ts'
import { type EventRecord, eventSpanOf } from '../../records/record.ts'
import { type LogSpans, splitLog } from '../../records/split-log.ts'
import type { Window } from '../../trail/window.ts'
import { isInWindow } from './event-window.ts'
import { Candidates } from './filter/candidates.ts'
import { type CompiledCondition, compileCondition, type Condition } from './filter/event-filter.ts'
import { FoundBuilder } from './found-builder.ts'
import type { FoundRecords } from './found-records.ts'
import { parseAll, parseEach, type RecordParser } from './parse-records.ts'
import { parsePlainLog } from './plain-log.ts'
import { type FieldReader, fieldReader, type RecordForm } from './record-form.ts'

/** Which records of a log to find, and what to hand out of them. Plain data. */
export interface SearchOptions {
  readonly conditions: readonly Condition[]
  readonly window: Window
  /** The selection, for logs whose names say nothing. Empty lists select everything. */
  readonly logAccounts: readonly string[]
  readonly regions: readonly string[]
  readonly kinds: readonly string[]
  readonly form: RecordForm
}

/** The result of searching one log. */
export interface SearchedLog {
  /** How many records the log has. */
  readonly records: number
  /** Undefined if no record matched. */
  readonly found: FoundRecords | undefined
  /** Records that may match, but are not JSON, or have no time although a window is given. */
  readonly unreadable: readonly UnreadableRecord[]
}

export interface UnreadableRecord {
  /** Its place in the log, from 0. */
  readonly at: number
  readonly why: string
}

/** Finds records in unzipped logs. It parses only records whose bytes may match. */
export class LogSearch {
  readonly #options: SearchOptions
  readonly #conditions: readonly CompiledCondition[]
  readonly #candidates: Candidates
  readonly #readFields: FieldReader | undefined

  constructor(options: SearchOptions) {
    this.#options = options
    this.#conditions = options.conditions.map(compileCondition)
    this.#candidates = new Candidates(
      this.#conditions.flatMap(({ needles }) => (needles === undefined ? [] : [needles])),
    )
    this.#readFields = options.form.type === 'fields' ? fieldReader(options.form.fields) : undefined
  }

  /** Throws `object.not-a-log`. */
  search(bytes: Buffer, log: LogParts): SearchedLog {
    // Fields are read from parsed records, so it does not matter where the records are in the bytes.
    const parsed = this.#readFields !== undefined && this.#candidates.areAll ? parsePlainLog(bytes) : undefined
    if (parsed !== undefined) {
      const builder = this.#builder(bytes, noSpans, log, parsed.length)
      return this.#collect(builder, log, parsed.length, parsed.keys(), (at) => parsed[at] ?? {})
    }
    const spans = splitLog(bytes, log.file)
    const count = spans.ends.length / 2
    const candidates = this.#candidates.of(bytes, spans)
    const builder = this.#builder(bytes, spans, log, candidates?.length ?? count)
    return candidates === undefined
      ? this.#collect(builder, log, count, Array(count).keys(), parseAll(bytes, spans))
      : this.#collect(builder, log, count, candidates, parseEach(bytes, spans))
  }

  #builder(bytes: Buffer, spans: LogSpans, log: LogParts, most: number): FoundBuilder {
    return new FoundBuilder({ bytes, spans, log, most, form: this.#options.form, readFields: this.#readFields })
  }

  /** Adds the matching records among those at `places`. */
  #collect(
    builder: FoundBuilder,
    log: LogParts,
    records: number,
    places: Iterable<number>,
    parse: RecordParser,
  ): SearchedLog {
    const { window } = this.#options
    const unreadable: UnreadableRecord[] = []
    for (const at of places) {
      try {
        const record = parse(at)
        if (!this.#matches(record, log)) continue
        const span = eventSpanOf(record)
        if (isInWindow(span, window)) builder.add(at, record, span?.startMs)
        else if (span === undefined) unreadable.push({ at, why: 'it has no event time' })
      } catch (error) {
        unreadable.push({ at, why: error instanceof Error ? error.message : String(error) })
      }
    }
    return { records, found: builder.finish(), unreadable }
  }

  #matches(record: EventRecord, log: LogParts): boolean {
    return this.#conditions.every(({ matches }) => matches(record)) && this.#isSelected(record, log)
  }

  /** The listing already selected logs by their names. For other logs, each record decides. */
  #isSelected(record: EventRecord, log: LogParts): boolean {
    const { logAccounts, regions, kinds } = this.#options
    if (logAccounts.length + regions.length + kinds.length === 0) return true
    const { logAccount = '', region = '', kind = '' } = partsOfRecord(log, record)
    const isOne = (names: readonly string[], name: string) => names.length === 0 || names.includes(name)
    return isOne(logAccounts, logAccount) && isOne(regions, region) && isOne(kinds, kind)
  }
}

const noSpans: LogSpans = { ends: [], escaped: [] }
