import type { LogParts } from '../../records/log-parts.ts'
import { partsOfRecord } from '../../records/log-parts.ts'
import { type EventRecord, eventIdOf, eventSpanOf } from '../../records/record.ts'
import { type LogSpans, splitLog } from '../../records/split-log.ts'
import { eventIdBytes, writeShortEventId } from '../../sinks/event-id.ts'
import type { Window } from '../../trail/window.ts'
import { Candidates } from './filter/candidates.ts'
import { type CompiledCondition, compileCondition, type Condition } from './filter/event-filter.ts'
import { type FoundRecords, joinLines } from './found-records.ts'
import { fieldReader, type FieldValue, type RecordForm } from './record-form.ts'
import { eventRow } from '../../records/event-row.ts'
import { recordLine } from '../../records/record-line.ts'
import { parsePlainLog } from './plain-log.ts'

/** Which records of a log are wanted, and in which form. Plain data. */
export interface SearchOptions {
  readonly conditions: readonly Condition[]
  readonly window: Window
  /** What the selection asks of logs whose names say nothing. Empty for anything. */
  readonly logAccounts: readonly string[]
  readonly regions: readonly string[]
  readonly kinds: readonly string[]
  readonly form: RecordForm
}

/** What a log held. */
export interface SearchedLog {
  readonly records: number
  /** Undefined if no record matched. */
  readonly found: FoundRecords | undefined
  /** Records that are wanted as far as their bytes say, and are not JSON, or have no time if a time is asked for. */
  readonly unreadable: readonly UnreadableRecord[]
}

export interface UnreadableRecord {
  /** Its place in the log, from 0. */
  readonly at: number
  readonly why: string
}

/** Finds records in unzipped logs. Parses only records whose bytes may match. */
export class LogSearch {
  readonly #options: SearchOptions
  readonly #conditions: readonly CompiledCondition[]
  readonly #candidates: Candidates
  readonly #fields: ((record: EventRecord, log: LogParts) => FieldValue[]) | undefined

  constructor(options: SearchOptions) {
    this.#options = options
    this.#conditions = options.conditions.map(compileCondition)
    this.#candidates = new Candidates(
      this.#conditions.flatMap(({ needles }) => (needles === undefined ? [] : [needles])),
    )
    this.#fields = options.form.type === 'fields' ? fieldReader(options.form.fields) : undefined
  }

  /** Throws `object.not-a-log`. */
  search(bytes: Buffer, log: LogParts): SearchedLog {
    // Fields need no bytes: where each record is in the log does not matter.
    const parsed = this.#fields !== undefined && this.#candidates.areAll ? parsePlainLog(bytes) : undefined
    if (parsed !== undefined) return this.#searchParsed(bytes, log, parsed)
    const spans = splitLog(bytes, log.file)
    const records = spans.ends.length / 2
    const candidates = this.#candidates.of(bytes, spans)
    const read = candidates === undefined ? readAll(bytes, spans) : (at: number) => readOne(bytes, spans, at)
    const found = new FoundSoFar(bytes, spans, log, this.#options.form, this.#fields)
    const unreadable = this.#collect(
      found,
      log,
      candidates?.length ?? records,
      (index) => candidates?.[index] ?? index,
      read,
    )
    return { records, found: found.finish(), unreadable }
  }

  #searchParsed(bytes: Buffer, log: LogParts, parsed: readonly EventRecord[]): SearchedLog {
    const found = new FoundSoFar(bytes, noSpans, log, this.#options.form, this.#fields)
    const unreadable = this.#collect(
      found,
      log,
      parsed.length,
      (index) => index,
      (at) => parsed[at] ?? {},
    )
    return { records: parsed.length, found: found.finish(), unreadable }
  }

  /** Adds each wanted record to `found`, and answers those that cannot be read. */
  #collect(
    found: FoundSoFar,
    log: LogParts,
    count: number,
    placeOf: (index: number) => number,
    read: (at: number) => EventRecord,
  ): UnreadableRecord[] {
    const unreadable: UnreadableRecord[] = []
    found.most = count
    for (let index = 0; index < count; index++) {
      const at = placeOf(index)
      try {
        const record = read(at)
        if (!this.#isWanted(record, log)) continue
        const span = eventSpanOf(record)
        if (!isWithin(span, this.#options.window)) {
          if (span === undefined) unreadable.push({ at, why: 'it has no event time' })
          continue
        }
        found.add(at, record, span?.startMs)
      } catch (error) {
        unreadable.push({ at, why: error instanceof Error ? error.message : String(error) })
      }
    }
    return unreadable
  }

  #isWanted(record: EventRecord, log: LogParts): boolean {
    return this.#conditions.every(({ matches }) => matches(record)) && this.#isSelected(record, log)
  }

  /** The listing chose logs by their names. The others are chosen record by record. */
  #isSelected(record: EventRecord, log: LogParts): boolean {
    const { logAccounts, regions, kinds } = this.#options
    if (logAccounts.length + regions.length + kinds.length === 0) return true
    const { logAccount = '', region = '', kind = '' } = partsOfRecord(log, record)
    const isOne = (names: readonly string[], name: string) => names.length === 0 || names.includes(name)
    return isOne(logAccounts, logAccount) && isOne(regions, region) && isOne(kinds, kind)
  }
}

function isWithin(span: { readonly startMs: number; readonly endMs: number } | undefined, window: Window): boolean {
  const { fromMs, toMs } = window
  if (fromMs === undefined && toMs === undefined) return true
  return span !== undefined && span.startMs < (toMs ?? Infinity) && span.endMs > (fromMs ?? -Infinity)
}

/** One parse for the whole log takes less time than one for each record. */
function readAll(bytes: Buffer, spans: LogSpans): (at: number) => EventRecord {
  try {
    const { Records: records } = JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')) as {
      readonly Records: readonly EventRecord[]
    }
    if (records.length * 2 === spans.ends.length) return (at) => records[at] ?? {}
  } catch {
    // One record that is not JSON spoils no other one.
  }
  return (at) => readOne(bytes, spans, at)
}

function readOne(bytes: Buffer, { ends }: LogSpans, at: number): EventRecord {
  return JSON.parse(bytes.toString('utf8', ends[2 * at], ends[2 * at + 1])) as EventRecord
}

class FoundSoFar {
  readonly #bytes: Buffer
  readonly #spans: LogSpans
  readonly #log: LogParts
  readonly #form: RecordForm
  readonly #fields: ((record: EventRecord, log: LogParts) => FieldValue[]) | undefined
  #ids: Uint8Array | undefined
  /** How many records may be added. */
  most = 0
  readonly #times: number[] = []
  readonly #lines: Uint8Array[] = []
  readonly #values: FieldValue[][] = []

  constructor(
    bytes: Buffer,
    spans: LogSpans,
    log: LogParts,
    form: RecordForm,
    fields: ((record: EventRecord, log: LogParts) => FieldValue[]) | undefined,
  ) {
    this.#bytes = bytes
    this.#spans = spans
    this.#log = log
    this.#form = form
    this.#fields = fields
  }

  add(at: number, record: EventRecord, timeMs = Number.NaN): void {
    const parts = partsOfRecord(this.#log, record)
    const text = () => this.#bytes.subarray(this.#spans.ends[2 * at], this.#spans.ends[2 * at + 1])
    switch (this.#form.type) {
      case 'fields':
        this.#values.push(this.#fields?.(record, parts) ?? [])
        break
      case 'bytes':
        this.#lines.push(recordLine(text()))
        break
      case 'row':
        this.#lines.push(eventRow(recordLine(text()), parts))
        break
    }
    const id = eventIdOf(record)
    this.#ids ??= new Uint8Array(this.most * eventIdBytes)
    // Zeros stand for no id.
    if (id !== undefined) writeShortEventId(id, this.#ids, this.#times.length * eventIdBytes)
    this.#times.push(timeMs)
  }

  finish(): FoundRecords | undefined {
    const count = this.#times.length
    if (this.#ids === undefined) return undefined
    // A view of a part would carry all of the memory to another thread.
    const ids = count === this.most ? this.#ids : this.#ids.slice(0, count * eventIdBytes)
    const head = { log: this.#log, count, ids, timesMs: new Float64Array(this.#times) }
    return this.#form.type === 'fields' ? { ...head, values: this.#values } : { ...head, ...joinLines(this.#lines) }
  }
}

const noSpans: LogSpans = { ends: [], escaped: [] }
