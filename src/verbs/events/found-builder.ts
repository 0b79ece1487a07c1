import { eventRow } from '../../records/event-row.ts'
import { type LogParts, partsOfRecord } from '../../records/log-parts.ts'
import { recordLine } from '../../records/record-line.ts'
import { type EventRecord, eventIdOf } from '../../records/record.ts'
import type { LogSpans } from '../../records/split-log.ts'
import { eventIdBytes, writeShortEventId } from '../../sinks/event-id.ts'
import { type FoundRecords, joinLines } from './found-records.ts'
import type { FieldReader, FieldValue, RecordForm } from './record-form.ts'

export interface FoundBuilderOptions {
  readonly bytes: Buffer
  /** Where the records are in `bytes`. Not used for the form `fields`. */
  readonly spans: LogSpans
  readonly log: LogParts
  readonly form: RecordForm
  /** Set for the form `fields`. */
  readonly readFields: FieldReader | undefined
  /** At most this many records are added. */
  readonly most: number
}

/** Collects the matching records of one log. */
export class FoundBuilder {
  readonly #options: FoundBuilderOptions
  #ids: Uint8Array | undefined
  readonly #times: number[] = []
  readonly #lines: Uint8Array[] = []
  readonly #values: FieldValue[][] = []

  constructor(options: FoundBuilderOptions) {
    this.#options = options
  }

  add(at: number, record: EventRecord, timeMs = Number.NaN): void {
    const { form, log, readFields, most } = this.#options
    const parts = partsOfRecord(log, record)
    switch (form.type) {
      case 'fields':
        this.#values.push(readFields?.(record, parts) ?? [])
        break
      case 'bytes':
        this.#lines.push(this.#line(at))
        break
      case 'row':
        this.#lines.push(eventRow(this.#line(at), parts))
        break
    }
    const id = eventIdOf(record)
    this.#ids ??= new Uint8Array(most * eventIdBytes)
    // A record without an id keeps zeros.
    if (id !== undefined) writeShortEventId(id, this.#ids, this.#times.length * eventIdBytes)
    this.#times.push(timeMs)
  }

  /** Returns undefined if no record was added. */
  finish(): FoundRecords | undefined {
    const { form, log, most } = this.#options
    const count = this.#times.length
    if (this.#ids === undefined) return undefined
    // A view of a part would send all of the memory to another thread.
    const ids = count === most ? this.#ids : this.#ids.slice(0, count * eventIdBytes)
    const head = { log, count, ids, timesMs: new Float64Array(this.#times) }
    return form.type === 'fields' ? { ...head, values: this.#values } : { ...head, ...joinLines(this.#lines) }
  }

  #line(at: number): Uint8Array {
    const { bytes, spans } = this.#options
    return recordLine(bytes.subarray(spans.ends[2 * at], spans.ends[2 * at + 1]))
  }
}
