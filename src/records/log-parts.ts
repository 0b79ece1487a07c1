import { type EventRecord, fieldOf } from './record.ts'

/** What the name of a log says. A file of another tool may have a name that says nothing. */
export interface LogParts {
  /** A key of the bucket, or the path of a file. */
  readonly file: string
  readonly logAccount?: string | undefined
  readonly region?: string | undefined
  readonly kind?: string | undefined
}

const kindOfCategory: Readonly<Record<string, string>> = {
  Insight: 'insight',
  NetworkActivity: 'network-activity',
  Aggregated: 'aggregated',
}

/** Returns the same for one record. If the name of the log says nothing, the fields of the record decide. */
export function partsOfRecord(log: LogParts, record: EventRecord): LogParts {
  if (log.logAccount !== undefined && log.region !== undefined && log.kind !== undefined) return log
  const category = fieldOf(record, 'eventCategory')
  return {
    file: log.file,
    logAccount:
      log.logAccount ??
      text(fieldOf(record, 'recipientAccountId')) ??
      text(fieldOf(record, 'accountId')) ??
      text(fieldOf(fieldOf(record, 'userIdentity'), 'accountId')),
    region: log.region ?? text(fieldOf(record, 'awsRegion')),
    kind: log.kind ?? (typeof category === 'string' ? (kindOfCategory[category] ?? 'events') : 'events'),
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
