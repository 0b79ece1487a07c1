import { type EventRecord, fieldOf } from './record.ts'

/** What is known of the log that a record is in. */
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

/** The same for one record: what the log's name does not say, the record does. */
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
