/**
 * `text`: a string. `json`: the JSON text of a value, whatever its shape. `boolean`: true or false. `time`: an instant in UTC.
 */
export type ColumnType = 'text' | 'json' | 'boolean' | 'time'

/** A column of the table `events`: in Parquet files, in SQL and in the DDL for other engines. */
export interface EventColumn {
  readonly name: string
  readonly type: ColumnType
  /** Other fields of a record that go to this column. */
  readonly aliases?: readonly string[]
}

/**
 * The fields that AWS documents, by their own names, and what crosstrail adds. Sources: "CloudTrail record contents for management, data, and
 * network activity events" (eventVersion 1.11), "… for Insights events" and "… for aggregated events". Fields whose shape depends on the API
 * are JSON text.
 *
 * New columns go at the end, and `hasAllColumns` must not accept the names of older files any more: these are read with NULL in the new columns.
 */
export const eventColumns = [
  // In an aggregated record: the start of its `timeWindow`.
  { name: 'eventTime', type: 'time' },
  // Aggregated records call it `eventId`. SQL ignores case, so there cannot be both.
  { name: 'eventID', type: 'text', aliases: ['eventId'] },
  { name: 'eventName', type: 'text' },
  { name: 'eventSource', type: 'text' },
  { name: 'eventType', type: 'text' },
  { name: 'eventCategory', type: 'text' },
  { name: 'eventVersion', type: 'text' },
  { name: 'awsRegion', type: 'text' },
  { name: 'recipientAccountId', type: 'text' },
  { name: 'sourceIPAddress', type: 'text' },
  { name: 'userAgent', type: 'text' },
  { name: 'errorCode', type: 'text' },
  { name: 'errorMessage', type: 'text' },
  { name: 'readOnly', type: 'boolean' },
  { name: 'managementEvent', type: 'boolean' },
  { name: 'requestID', type: 'text' },
  { name: 'apiVersion', type: 'text' },
  { name: 'sharedEventID', type: 'text' },
  { name: 'vpcEndpointId', type: 'text' },
  { name: 'vpcEndpointAccountId', type: 'text' },
  { name: 'sessionCredentialFromConsole', type: 'text' },
  { name: 'accountId', type: 'text' },
  { name: 'userIdentity', type: 'json' },
  { name: 'requestParameters', type: 'json' },
  { name: 'responseElements', type: 'json' },
  { name: 'additionalEventData', type: 'json' },
  { name: 'resources', type: 'json' },
  { name: 'serviceEventDetails', type: 'json' },
  { name: 'tlsDetails', type: 'json' },
  { name: 'addendum', type: 'json' },
  { name: 'edgeDeviceDetails', type: 'json' },
  { name: 'eventContext', type: 'json' },
  { name: 'insightDetails', type: 'json' },
  { name: 'timeWindow', type: 'json' },
  { name: 'summary', type: 'json' },
  { name: 'other', type: 'json' },
  { name: 'log_account', type: 'text' },
  { name: 'log_region', type: 'text' },
  { name: 'kind', type: 'text' },
  { name: 'file', type: 'text' },
] as const satisfies readonly EventColumn[]

export type EventColumnName = (typeof eventColumns)[number]['name']

/** For fields that have no column, and for values that do not fit theirs. */
export const otherColumn = 'other'

/** These columns say which log a record is from. A row begins with them. */
export const logColumns = ['log_account', 'log_region', 'kind', 'file'] as const satisfies readonly EventColumnName[]

/** The columns that a dataset has in the names of its folders. */
export const partitionColumns = ['account', 'region', 'date'] as const

type Dialect = 'duckdb' | 'athena' | 'spark'

const typeNames: Readonly<Record<ColumnType, Readonly<Record<Dialect, string>>>> = {
  text: { duckdb: 'VARCHAR', athena: 'string', spark: 'STRING' },
  json: { duckdb: 'VARCHAR', athena: 'string', spark: 'STRING' },
  boolean: { duckdb: 'BOOLEAN', athena: 'boolean', spark: 'BOOLEAN' },
  time: { duckdb: 'TIMESTAMP', athena: 'timestamp', spark: 'TIMESTAMP' },
}

/** How an engine names the type of a column. */
export function typeNameOf({ type }: EventColumn, dialect: Dialect): string {
  return typeNames[type][dialect]
}
