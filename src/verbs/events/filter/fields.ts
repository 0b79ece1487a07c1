import { type EventRecord, eventIdOf, fieldOf, valueAt } from '../../../records/record.ts'
import { stringValuesOf, textsOf } from '../../../records/record-text.ts'

/** The fields that filters compare. */
export const filterFields = [
  'eventName',
  'eventSource',
  'user',
  'arn',
  'accessKey',
  'ip',
  'userAgent',
  'resource',
  'error',
  'recipientAccount',
  'eventRegion',
  'eventId',
  'eventType',
  'category',
  'readOnly',
  'contains',
] as const

export type FilterField = (typeof filterFields)[number]

export interface FilterTexts {
  /** The texts of a record that the filter compares. */
  readonly values: (record: EventRecord) => Iterable<string>
  /** Whether each text is a whole string of the record, so that it is between quotes in the bytes. */
  readonly isWholeString: boolean
}

/** One field, at a path from the top of the record. Only a string is compared. */
function plain(...path: readonly string[]): FilterTexts {
  return { values: (record) => strings(valueAt(record, path)), isWholeString: true }
}

export const filterTexts: Readonly<Record<FilterField, FilterTexts>> = {
  eventName: plain('eventName'),
  eventSource: plain('eventSource'),
  user: { values: usersOf, isWholeString: false },
  arn: { values: arnsOf, isWholeString: true },
  accessKey: plain('userIdentity', 'accessKeyId'),
  ip: plain('sourceIPAddress'),
  userAgent: plain('userAgent'),
  resource: { values: resourcesOf, isWholeString: false },
  error: plain('errorCode'),
  recipientAccount: {
    values: (record) => strings(record['recipientAccountId'], record['accountId']),
    isWholeString: true,
  },
  eventRegion: plain('awsRegion'),
  eventId: { values: (record) => strings(eventIdOf(record)), isWholeString: true },
  eventType: plain('eventType'),
  category: plain('eventCategory'),
  readOnly: {
    values: (record) => (typeof record['readOnly'] === 'boolean' ? [String(record['readOnly'])] : []),
    isWholeString: false,
  },
  contains: { values: textsOf, isWholeString: false },
}

/** The user name, role, session name and ARNs of the caller, and `root` for the root user. */
function* usersOf(record: EventRecord): Generator<string> {
  const identity = fieldOf(record, 'userIdentity')
  const issuer = valueAt(identity, ['sessionContext', 'sessionIssuer'])
  const arns = strings(fieldOf(identity, 'arn'), fieldOf(issuer, 'arn'))
  yield* strings(fieldOf(identity, 'userName'), fieldOf(issuer, 'userName'), fieldOf(identity, 'invokedBy'))
  yield* arns
  for (const arn of arns) {
    const name = lastPart(arn)
    if (name !== undefined) yield name
    const role = assumedRole(arn)
    if (role !== undefined) yield role
  }
  const principal = fieldOf(identity, 'principalId')
  // The principal of a session is `AROA…:session`.
  if (typeof principal === 'string' && principal.includes(':')) yield principal.slice(principal.indexOf(':') + 1)
  if (fieldOf(identity, 'type') === 'Root') yield 'root'
}

function arnsOf(record: EventRecord): string[] {
  const identity = fieldOf(record, 'userIdentity')
  return strings(fieldOf(identity, 'arn'), valueAt(identity, ['sessionContext', 'sessionIssuer', 'arn']))
}

/**
 * The ARNs and names of resources: each text in `resources`, and each text in `requestParameters`, because most management events name their
 * resource only there. For an ARN, its last part is compared too.
 */
function* resourcesOf(record: EventRecord): Generator<string> {
  for (const text of stringValuesOf([fieldOf(record, 'resources'), fieldOf(record, 'requestParameters')])) {
    yield text
    const name = text.startsWith('arn:') ? lastPart(text) : undefined
    if (name !== undefined) yield name
  }
}

/** The name of the role in the ARN of a session. Some records say it nowhere else. */
function assumedRole(arn: string): string | undefined {
  return /:assumed-role\/([^/]+)\//.exec(arn)?.[1]
}

/** The text after the last `/` or `:` of an ARN. */
function lastPart(arn: string): string | undefined {
  const at = Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':'))
  return at === -1 || at === arn.length - 1 ? undefined : arn.slice(at + 1)
}

function strings(...values: readonly unknown[]): string[] {
  return values.filter((value) => typeof value === 'string')
}
