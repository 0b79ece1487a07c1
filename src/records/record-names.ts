import { type EventRecord, fieldOf, valueAt } from './record.ts'

/** Returns a short name for the caller: `alice`, `role/session`, `root`, or a service. */
export function userText(record: EventRecord): string | undefined {
  const identity = fieldOf(record, 'userIdentity')
  const read = (...path: readonly string[]) => text(valueAt(identity, path))
  const name = read('userName')
  const arn = read('arn')
  const session = afterLast(arn, '/')
  const issuer = read('sessionContext', 'sessionIssuer', 'userName')
  if (read('type') === 'Root') return 'root'
  if (issuer !== undefined) return session === undefined || session === issuer ? issuer : `${issuer}/${session}`
  return name ?? session ?? read('invokedBy') ?? read('principalId') ?? read('type')
}

/** Returns one resource of the call: the first one in `resources`, or the first parameter of the request whose name ends in name, id or ARN. */
export function resourceText(record: EventRecord): string | undefined {
  const first = valueAt(record, ['resources', '0'])
  const named = text(fieldOf(first, 'ARN')) ?? text(fieldOf(first, 'resourceName'))
  if (named !== undefined) return named
  const parameters = fieldOf(record, 'requestParameters')
  if (typeof parameters !== 'object' || parameters === null) return undefined
  return Object.entries(parameters).flatMap(([key, value]) =>
    /(?:name|id|arn)$/i.test(key) && typeof value === 'string' ? [value] : [],
  )[0]
}

/** Returns the time of the event, as it is written in the record. */
export function timeText(record: EventRecord): string | undefined {
  return text(fieldOf(record, 'eventTime')) ?? text(valueAt(record, ['timeWindow', 'windowStart']))
}

function afterLast(value: string | undefined, separator: string): string | undefined {
  const at = value?.lastIndexOf(separator) ?? -1
  return at === -1 ? undefined : value?.slice(at + 1)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
