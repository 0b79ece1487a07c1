import { filePath, folderOrS3Url } from '../../config/place-text.ts'
import { anyText, wrongValue } from '../../config/text-value.ts'
import type { Condition } from '../../verbs/events/filter/event-filter.ts'
import type { FilterField } from '../../verbs/events/filter/fields.ts'
import { eventsDefaults, schemaDialects } from '../../verbs/events/options.ts'
import { parseDuration, parseWindow } from '../../trail/time.ts'
import type { Window } from '../../trail/window.ts'
import { choice, commaList, flag, grouped, many, single, singleOr, type Values } from '../option.ts'
import { wholeNumber } from '../parse-text.ts'
import { addressPattern, filterValue } from './filter-values.ts'

/** The filters that take patterns, and the field that each one looks at. */
const filtered = {
  'event-name': 'eventName',
  'event-source': 'eventSource',
  user: 'user',
  arn: 'arn',
  'access-key': 'accessKey',
  ip: 'ip',
  'user-agent': 'userAgent',
  resource: 'resource',
  error: 'error',
  'recipient-account': 'recipientAccount',
  'event-region': 'eventRegion',
  'event-id': 'eventId',
  'event-type': 'eventType',
  category: 'category',
  contains: 'contains',
} as const satisfies Readonly<Record<string, FilterField>>

export const filterOptions = grouped('Filtering', {
  'event-name': commaList('name', 'API call or event: DeleteBucket, Delete*, !Describe*', filterValue),
  'event-source': commaList('service', 'Service: s3 or s3.amazonaws.com', filterValue),
  user: commaList(
    'name',
    'User name, role name, session name or ARN of the caller; root for the root user',
    filterValue,
  ),
  arn: commaList('arn', 'ARN of the caller or of its role', filterValue),
  'access-key': commaList('id', 'Access key id of the caller', filterValue),
  ip: commaList('address', 'Source address, or a range: 203.0.113.7, 10.0.0.0/8', addressPattern),
  'user-agent': many('agent', 'User agent: aws-cli*', filterValue),
  resource: many('name', 'Name or ARN of a resource, in resources or in the request parameters', filterValue),
  error: commaList('code', "Error code: AccessDenied; '*' for any error", filterValue),
  'recipient-account': commaList('id', 'Account that received the event', filterValue),
  'event-region': commaList('region', 'Region in the record', filterValue),
  'event-id': commaList('id', 'Id of the event', filterValue),
  'event-type': commaList('type', 'Type: AwsApiCall, AwsConsoleSignIn', filterValue),
  category: commaList('category', 'Category: Management, Data, Insight', filterValue),
  'read-only': flag('Only calls that change nothing'),
  'write-only': flag('Only calls that may change something'),
  contains: many(
    'text',
    'Text in any value or field name of the record. No wildcards; write \\! for a text that begins with !',
    filterValue,
  ),
})

export const eventWindowOptions = grouped('Selecting', {
  from: single(
    'time',
    'Start of the window of event times: a day, a minute, RFC 3339, "today", "yesterday" or "7d ago"; UTC unless an offset is given',
    anyText,
    { aliases: ['since'], overrides: ['last'] },
  ),
  until: single('time', 'End of the window (exclusive)', anyText, { overrides: ['last'] }),
  last: single(
    'duration',
    'The window from this long ago until now: 24h, 7d, 90m. Replaces --from and --until',
    anyText,
    {
      overrides: ['from', 'until'],
    },
  ),
  late: singleOr(
    'duration',
    'How long after an event its log may be delivered. Logs are read that much beyond the window. Default: 2h',
    eventsDefaults.lateMs,
    (text) => parseDuration(text),
  ),
})

export type EventFormat = 'table' | 'json' | 'csv'

/** `auto`: a table on a terminal, JSON elsewhere. */
export const shownFormats = ['auto', 'table', 'json', 'csv', 'parquet'] as const

export type ShownFormat = (typeof shownFormats)[number]

export const datasetOptions = grouped('SQL and datasets', {
  sql: single('select', 'Run one SELECT over the view events, and show its result. Needs @duckdb/node-api', anyText),
  'sql-file': single('file', 'Read the SELECT from this file; - is stdin', filePath),
  to: single(
    'target',
    'Write the events to a Parquet dataset in this folder, or below s3://bucket/prefix. Needs @duckdb/node-api',
    folderOrS3Url,
    { argumentOnly: true },
  ),
  format: choice('format', 'The format of --to. Default: parquet', ['parquet'], { argumentOnly: true }),
  'print-schema': choice(
    'engine',
    'Print the SQL that declares the dataset of --to as a table for this engine',
    schemaDialects,
  ),
})

export const handingOutOptions = {
  limit: single('count', 'Stop after this many records', wholeNumber(1)),
  fields: commaList('path', 'Show these fields: eventName, userIdentity.arn, resources.0.ARN', anyText),
  sort: single('order', 'time: in the order of event times, once all logs were read', timeOrder, { choices: ['time'] }),
  'count-by': commaList('path', 'Count records by these fields, most first', anyText),
  'no-pager': flag('Do not page the records on a terminal. The pager is CROSSTRAIL_PAGER, else PAGER, else less'),
  duplicates: flag('Show each copy of a record that was delivered several times'),
}

function timeOrder(text: string, name: string): 'time' {
  if (text !== 'time') throw wrongValue(name, text, 'time')
  return text
}

/** Throws `usage.time`, `usage.window`. */
export function readEventWindow({ from, until, last }: Values<typeof eventWindowOptions>, nowMs: number): Window {
  return parseWindow({ from, to: until, last }, nowMs)
}

/** The conditions that the options make: `!` before a value excludes it. Throws `usage.…`. */
export function readConditions(values: Values<typeof filterOptions>): Condition[] {
  const conditions = Object.entries(filtered).flatMap(([option, field]): Condition[] => {
    const patterns = values[option as keyof typeof filtered]
    if (patterns.length === 0) return []
    const any = patterns.filter((pattern) => !pattern.startsWith('!'))
    const none = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))
    // The text of --contains is not a pattern, so its backslashes are removed here.
    const plain = (text: string) => (field === 'contains' ? text.replace(/^\\!/, '!') : text)
    return [{ field, any: any.map(plain), none: none.map(plain) }]
  })
  if (values['read-only'] && values['write-only']) return conditions
  if (values['read-only']) conditions.push({ field: 'readOnly', any: ['true'], none: [] })
  if (values['write-only']) conditions.push({ field: 'readOnly', any: ['false'], none: [] })
  return conditions
}
