import { eventIdBytes as idBytes } from '../../sinks/event-id.ts'
import type { LogParts } from '../../records/log-parts.ts'
import type { FieldValue } from './record-form.ts'

/** The records of one log that were found. Plain data, so that threads can pass it on. */
export interface FoundRecords {
  readonly log: LogParts
  readonly count: number
  /** 16 bytes for each record. Copies of a record have the same ones. Zeros if it has no id. */
  readonly ids: Uint8Array
  /** When each event began. NaN if the record does not say. */
  readonly timesMs: Float64Array
  /** The lines of the forms `bytes` and `row`, one after the other, each with its line end. */
  readonly lines?: Uint8Array | undefined
  /** Where each line ends in `lines`. */
  readonly lineEnds?: Uint32Array | undefined
  /** The values of the form `fields`. */
  readonly values?: readonly (readonly FieldValue[])[] | undefined
}

/** Returns the records at these indexes, which must ascend. */
export function pickRecords(found: FoundRecords, indexes: readonly number[]): FoundRecords {
  if (indexes.length === found.count) return found
  const { log, ids, timesMs, lines, lineEnds, values } = found
  const pieces = lines && lineEnds && indexes.map((at) => lines.subarray(lineEnds[at - 1] ?? 0, lineEnds[at]))
  return {
    log,
    count: indexes.length,
    ids: Buffer.concat(indexes.map((at) => ids.subarray(at * idBytes, (at + 1) * idBytes))),
    timesMs: Float64Array.from(indexes, (at) => timesMs[at] ?? Number.NaN),
    ...(pieces === undefined ? undefined : joinLines(pieces)),
    ...(values === undefined ? undefined : { values: indexes.map((at) => values[at] ?? []) }),
  }
}

/** Joins lines, each with its line end. */
export function joinLines(pieces: readonly Uint8Array[]): {
  readonly lines: Uint8Array
  readonly lineEnds: Uint32Array
} {
  let end = 0
  return { lineEnds: Uint32Array.from(pieces, ({ length }) => (end += length)), lines: Buffer.concat(pieces) }
}

/** Each line of the forms `bytes` and `row`, without its line end. */
export function* linesOf({ lines, lineEnds }: FoundRecords): Generator<Uint8Array> {
  if (lines === undefined || lineEnds === undefined) return
  let start = 0
  for (const end of lineEnds) {
    yield lines.subarray(start, end - 1)
    start = end
  }
}
