/** One event, as JSON.parse returns it. Its fields depend on the API that was called, so any field may be missing or have any type. */
export type EventRecord = Readonly<Record<string, unknown>>

/** Returns a field of an object. Undefined if the value is not an object, or has no own field with this name. */
export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Readonly<Record<string, unknown>>)[name]
}

/** Returns the value at a path of field names. A number is an index of a list. */
export function valueAt(record: unknown, path: readonly string[]): unknown {
  let value = record
  for (const name of path) value = fieldOf(value, name)
  return value
}

/** Returns the id that all copies of an event share. Aggregated records spell the field differently. */
export function eventIdOf(record: EventRecord): string | undefined {
  const id = fieldOf(record, 'eventID') ?? fieldOf(record, 'eventId')
  return typeof id === 'string' ? id : undefined
}

/** When an event happened. The end is exclusive. */
export interface EventSpan {
  readonly startMs: number
  readonly endMs: number
}

/**
 * Returns when the event happened. Undefined if the record does not say. An aggregated record has a `timeWindow` instead of `eventTime`;
 * its end is exclusive (AWS, "CloudTrail record contents for aggregated events").
 */
export function eventSpanOf(record: EventRecord): EventSpan | undefined {
  const atMs = instantOf(fieldOf(record, 'eventTime'))
  if (atMs !== undefined) return { startMs: atMs, endMs: atMs + 1 }
  const window = fieldOf(record, 'timeWindow')
  const startMs = instantOf(fieldOf(window, 'windowStart'))
  if (startMs === undefined) return undefined
  return { startMs, endMs: Math.max(startMs + 1, instantOf(fieldOf(window, 'windowEnd')) ?? 0) }
}

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/

function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !instantPattern.test(value)) return undefined
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms
}
