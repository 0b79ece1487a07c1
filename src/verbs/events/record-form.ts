import type { LogParts } from '../../records/log-parts.ts'
import { type EventRecord, valueAt } from '../../records/record.ts'

/** What is handed out of a record. Plain data. */
export type RecordForm =
  /** The record's own bytes on one line. */
  | { readonly type: 'bytes' }
  /** The values at these paths: `userIdentity.arn`, `resources.0.ARN`, and `log_account`, `log_region`, `kind`, `file`. */
  | { readonly type: 'fields'; readonly fields: readonly string[] }
  /** The record's bytes with what its log says put before, as a dataset's rows have it. */
  | { readonly type: 'row' }

export type FieldValue = string | number | boolean | null | undefined

/** Reads fields of records. A list or an object becomes JSON. */
export function fieldReader(fields: readonly string[]): (record: EventRecord, log: LogParts) => FieldValue[] {
  const paths = fields.map((field) => field.split('.'))
  return (record, log) =>
    paths.map((path, at) => {
      const own = logFields[fields[at] ?? '']
      return own === undefined ? asValue(valueAt(record, path)) : own(log)
    })
}

const logFields: Readonly<Record<string, ((log: LogParts) => string | undefined) | undefined>> = {
  log_account: ({ logAccount }) => logAccount,
  log_region: ({ region }) => region,
  kind: ({ kind }) => kind,
  file: ({ file }) => file,
}

function asValue(value: unknown): FieldValue {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return value as FieldValue
}
