import type { LogParts } from '../../records/log-parts.ts'
import { resourceText, timeText, userText } from '../../records/record-names.ts'
import { type EventRecord, valueAt } from '../../records/record.ts'

/** What to hand out of a record. Plain data. */
export type RecordForm =
  /** The record's own bytes on one line. */
  | { readonly type: 'bytes' }
  /** The values at these paths, such as `userIdentity.arn` and `resources.0.ARN`, or one of `derivedFields`. */
  | { readonly type: 'fields'; readonly fields: readonly string[] }
  /** The record's bytes, with the fields of its log first, like the rows of a dataset. */
  | { readonly type: 'row' }

export type FieldValue = string | number | boolean | null | undefined

/** Reads the values of fields from a record. */
export type FieldReader = (record: EventRecord, log: LogParts) => FieldValue[]

type Derived = (record: EventRecord, log: LogParts) => string | undefined

/** Fields that are not in the record itself: they come from its log, or from several of its fields. */
export const derivedFields: Readonly<Record<string, Derived>> = {
  log_account: (_record, { logAccount }) => logAccount,
  log_region: (_record, { region }) => region,
  kind: (_record, { kind }) => kind,
  file: (_record, { file }) => file,
  time: timeText,
  user: userText,
  resource: resourceText,
}

/** Returns a reader for these fields. A list or an object becomes JSON. */
export function fieldReader(fields: readonly string[]): FieldReader {
  const readers = fields.map((field): ((record: EventRecord, log: LogParts) => FieldValue) => {
    if (Object.hasOwn(derivedFields, field)) return derivedFields[field] ?? (() => undefined)
    const path = field.split('.')
    return (record) => asValue(valueAt(record, path))
  })
  return (record, log) => readers.map((read) => read(record, log))
}

function asValue(value: unknown): FieldValue {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return value as FieldValue
}
