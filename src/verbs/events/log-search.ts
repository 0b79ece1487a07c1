import type { LogParts } from '../../records/log-parts.ts'
import { partsOfRecord } from '../../records/log-parts.ts'
import { type EventRecord, eventIdOf, eventSpanOf } from '../../records/record.ts'
import { type LogSpans, splitLog } from '../../records/split-log.ts'
import { eventIdBytes, shortEventId } from '../../sinks/event-id.ts'
import type { Window } from '../../trail/window.ts'
import { Candidates } from './filter/candidates.ts'
import { type CompiledCondition, compileCondition, type Condition } from './filter/event-filter.ts'
import { type FoundRecords, joinLines } from './found-records.ts'
import { fieldReader, type FieldValue, type RecordForm } from './record-form.ts'
import { recordLine, rowLine } from '../../records/record-line.ts'

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
    const spans = splitLog(bytes, log.file)
    const records = spans.ends.length / 2
    const unreadable: UnreadableRecord[] = []
    const found = new FoundSoFar(bytes, spans, log, this.#options.form, this.#fields)
    const candidates = this.#candidates.of(bytes, spans)
    const read = candidates === undefined ? readAll(bytes, spans) : (at: number) => readOne(bytes, spans, at)
    const count = candidates?.length ?? records
    for (let index = 0; index < count; index++) {
      const at = candidates?.[index] ?? index
      try {
        const record = read(at)
        const span = eventSpanOf(record)
        if (!this.#isWanted(record, log)) continue
        if (!isWithin(span, this.#options.window)) {
          if (span === undefined) unreadable.push({ at, why: 'it has no event time' })
          continue
        }
        found.add(at, record, span?.startMs)
      } catch (error) {
        unreadable.push({ at, why: error instanceof Error ? error.message : String(error) })
      }
    }
    return { records, found: found.finish(), unreadable }
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
  readonly #ids: Uint8Array[] = []
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
        this.#lines.push(rowLine(text(), record, parts))
        break
    }
    const id = eventIdOf(record)
    this.#ids.push(id === undefined ? noId : shortEventId(id))
    this.#times.push(timeMs)
  }

  finish(): FoundRecords | undefined {
    const count = this.#ids.length
    if (count === 0) return undefined
    const head = { log: this.#log, count, ids: Buffer.concat(this.#ids), timesMs: Float64Array.from(this.#times) }
    return this.#form.type === 'fields' ? { ...head, values: this.#values } : { ...head, ...joinLines(this.#lines) }
  }
}

const noId = new Uint8Array(eventIdBytes)
