import { isIP } from 'node:net'
import type { Condition } from '../../../src/verbs/events/filter/event-filter.ts'
import type { FilterField } from '../../../src/verbs/events/filter/fields.ts'
import { type Pick, spelled } from './escaped-json.ts'

/** A log and what to look for in it. The patterns are made from texts of the log, so most of them match or nearly match. */
export interface NearCase {
  readonly log: Buffer
  /** The bytes of each record in the log. */
  readonly records: readonly Buffer[]
  readonly conditions: readonly Condition[]
}

const words = [
  'alice',
  'Alice',
  'ali',
  'café',
  'cafe\u0301',
  'a/b',
  'a/b/c',
  'a"b',
  'say "hi"',
  '"',
  'a\\b',
  'C:\\new',
  'tab\there',
  'one\ntwo',
  '😀',
  'x😀y',
  '😀😀',
  '\ud83d',
  'x\ud800',
  'caf\ue000',
  '\ue000x',
  '\ufffd',
  '\ufeff',
  '\u0000',
  '\u007f',
  'a\u0085b',
  '\u2028',
  '*',
  'a*b',
  '?',
  '!a',
  '',
  'Root',
  'root',
  'errorCode',
  'a',
  'aa',
  '{',
  '},{"eventName":"alice"',
  'true',
  'null',
  '-Infinity',
  '1e3',
  '12',
  'AccessDenied',
  '123456789012',
]
const sources = [
  's3',
  's3.amazonaws.com',
  'S3.amazonaws.com',
  's3xamazonaws.com',
  's3.amazonaws.com.cn',
  'sts.amazonaws.com',
  'signin.aws',
]
const arns = [
  'arn:aws:iam::1:user/alice',
  'arn:aws:sts::1:assumed-role/OrgAccess/alice',
  'arn:aws:iam::1:role/path/OrgAccess',
  'arn:aws:s3:::bucket/a/b',
  'arn:aws:s3:::café',
  'arn:',
  'arn:aws:sns:x:1:',
  'arn:aws:sns:x:1:topic:id',
  'bucket/a',
  'OrgAccess',
  'barn:x/alice',
]
const addresses = [
  '10.0.0.1',
  '10.0.0.10',
  '110.0.0.1',
  '10.0.1.0',
  '10.1.2.3',
  '10.127.255.255',
  '10.128.0.0',
  '192.168.255.255',
  '192.169.0.0',
  '0.0.0.0',
  '255.255.255.255',
  '2001:db8::1',
  '2001:DB8:0:0:0:0:0:1',
  '2001:0db8::0001',
  '2001:db8::1:1',
  '2001:db9::',
  '::1',
  '::ffff:10.0.0.1',
  '::ffff:a00:1',
  's3.amazonaws.com',
  'AWS Internal',
]
const numbers = [0, -1, 12, 1e21, 1.5e-7, 1000, 123_456_789_012]

/** Texts of JSON that no value of JavaScript is written as. */
const oddRecords = [
  '{"eventName":"alice","eventName":"ali"}',
  '{"eventName":"ali","eventName":"alice","x":1e999}',
  '{"x":-1e999}',
  '{"x":1E3,"y":0.10e+1,"z":12345678901234567890}',
  '{"userIdentity":{"type":"Root"},"userIdentity":{"userName":"alice"}}',
  '{"__proto__":{"eventName":"alice"}}',
  '{}',
]
const notUtf8 = Buffer.from(
  '{"eventName":"caf\xe9","userAgent":"x\xf0\x9f","requestParameters":"\xed\xa0\x80"}',
  'latin1',
)

const flatPaths: Readonly<Partial<Record<FilterField, readonly (readonly string[])[]>>> = {
  eventName: [['eventName']],
  eventSource: [['eventSource']],
  accessKey: [['userIdentity', 'accessKeyId']],
  ip: [['sourceIPAddress']],
  userAgent: [['userAgent']],
  error: [['errorCode']],
  recipientAccount: [['recipientAccountId'], ['accountId']],
  eventRegion: [['awsRegion']],
  eventId: [['eventID'], ['eventId']],
  eventType: [['eventType']],
  category: [['eventCategory']],
  arn: [
    ['userIdentity', 'arn'],
    ['userIdentity', 'sessionContext', 'sessionIssuer', 'arn'],
  ],
  user: [
    ['userIdentity', 'userName'],
    ['userIdentity', 'arn'],
    ['userIdentity', 'principalId'],
    ['userIdentity', 'invokedBy'],
    ['userIdentity', 'type'],
    ['userIdentity', 'sessionContext', 'sessionIssuer', 'arn'],
    ['userIdentity', 'sessionContext', 'sessionIssuer', 'userName'],
  ],
  resource: [
    ['resources'],
    ['resources', '0'],
    ['resources', '1', 'ARN'],
    ['requestParameters'],
    ['requestParameters', 'a', 'b', 'c'],
    ['requestParameters', '0'],
  ],
  contains: [['x'], ['x', 'y', '0'], ['eventName'], ['requestParameters', 'a']],
  readOnly: [['readOnly']],
}

export function nearCase(field: FilterField, pick: Pick): NearCase {
  const of = <T>(list: readonly T[]): T => list[pick(list.length)] as T
  const pool = poolOf(field)
  const texts: string[] = []

  /** A text that equals another one, or differs from it by one character. */
  const near = (text: string): string => {
    const characters = Array.from(text)
    const at = pick(characters.length + 1)
    switch (pick(12)) {
      case 0:
        return characters.toSpliced(at, 0, of(['a', '😀', '/', '"', '*'])).join('')
      case 1:
        return characters.toSpliced(at, 1).join('')
      case 2:
        return [...characters.slice(0, -1), of(['b', '😀', 'é', '\\'])].join('')
      case 3:
        return text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase()
      default:
        return text
    }
  }
  const safeNear = (text: string) => (text === '' ? text : near(text))
  const placed = (): unknown => {
    if (field === 'readOnly') return of([true, false, 'true', 'false', null, 0])
    if (pick(10) === 0) return of<unknown>([...numbers, true, false, null, [of(pool)], { a: of(pool) }])
    const text = safeNear(of(pool))
    const whole = inContext(field, text, pick)
    texts.push(text, whole, decodedBadBytes(whole))
    return whole
  }
  const record = (): Record<string, unknown> => {
    const value: Record<string, unknown> = {}
    for (let left = 1 + pick(3); left > 0; left--) put(value, of(flatPaths[field] ?? []), placed())
    // The same texts at places that the filter does not look at.
    if (pick(3) === 0)
      put(value, of([['other'], ['responseElements', 'eventName'], ['other', 'errorCode']]), of([...texts, 'alice']))
    if (pick(6) === 0) put(value, [of([...texts, 'errorCode']) || 'x'], of(numbers))
    if (field === 'user' && pick(4) === 0) {
      put(value, ['userIdentity', 'type'], 'Root')
      texts.push('root', 'root')
    }
    return value
  }
  const pattern = (): string => {
    if (field === 'readOnly') return of(['true', 'false'])
    const target = wellFormed(safeNear(of(texts.length > 0 && pick(4) > 0 ? texts : pool)))
    const characters = Array.from(target)
    const from = pick(characters.length + 1)
    const until = from + pick(characters.length - from + 1)
    const [head, middle, tail] = [
      characters.slice(0, from),
      characters.slice(from, until),
      characters.slice(until),
    ].map((part) => part.join('')) as [string, string, string]
    if (field === 'contains') return of([target, head + middle, middle + tail, middle, '1e', 'ru', '12', 'Inf'])
    if (field === 'ip' && pick(3) === 0) {
      const address = of([...texts, ...addresses].filter((one) => isIP(one) !== 0 && !one.includes('%')))
      return `${address}/${pick((isIP(address) === 6 ? 128 : 32) + 1)}`
    }
    const oneOff =
      characters.length === 0
        ? '?'
        : characters.map((one, at) => (at === from % characters.length ? '?' : literal(one))).join('')
    return of([
      literal(target),
      literal(target),
      target,
      `${literal(head)}*`,
      `*${literal(tail)}`,
      `*${literal(middle)}*`,
      `${literal(head)}*${literal(tail)}`,
      oneOff,
      `${literal(target)}?`,
      `${literal(head)}*${literal(middle)}*${literal(tail)}`,
      `*${literal(middle)}*${literal(Array.from(middle).at(-1) ?? '')}${literal(tail)}`,
      `${literal(target)}*`,
      `${literal(head)}?*${literal(tail)}`,
      '*',
    ])
  }
  const condition = (asked: FilterField): Condition => {
    const any = Array.from({ length: pick(3) }, pattern)
    const none = Array.from({ length: pick(4) === 0 ? 1 + pick(2) : 0 }, pattern)
    return { field: asked, any, none }
  }

  const records = Array.from({ length: pick(6) }, () => {
    if (pick(25) === 0) return Buffer.from(of(oddRecords))
    if (pick(40) === 0) return notUtf8
    return withBadBytes(Buffer.from(spelled(record(), pick)))
  })
  const conditions = [condition(field), ...(pick(4) === 0 ? [condition(of(otherFields(field)))] : [])]
  return { log: logOf(records, pick), records, conditions }
}

/** Replaces each U+E000 by a byte that is not UTF-8. */
function withBadBytes(record: Buffer): Buffer {
  return Buffer.from(record.toString('latin1').replaceAll('\xee\x80\x80', '\xff'), 'latin1')
}

function decodedBadBytes(text: string): string {
  return text.replaceAll('\ue000', '\ufffd')
}

function poolOf(field: FilterField): readonly string[] {
  switch (field) {
    case 'ip':
      return [...addresses, ...addresses, ...words.slice(0, 8)]
    case 'eventSource':
      return [...sources, ...sources, ...words]
    case 'arn':
    case 'user':
    case 'resource':
      return [...arns, ...words]
    default:
      return words
  }
}

/** Fields that share their texts with this one, so that two conditions may hold at once. */
function otherFields(field: FilterField): readonly FilterField[] {
  const alike: Partial<Record<FilterField, readonly FilterField[]>> = {
    user: ['arn'],
    arn: ['user'],
    ip: ['ip'],
    readOnly: ['readOnly'],
  }
  return alike[field] ?? [field, 'contains']
}

/** A text as CloudTrail writes it at some places: as the end of an ARN, or behind an id. */
function inContext(field: FilterField, text: string, pick: Pick): string {
  if (field !== 'user' && field !== 'resource') return text
  const contexts = [
    text,
    text,
    `arn:aws:iam::1:user/${text}`,
    `arn:aws:s3:::${text}`,
    `AROA:${text}`,
    `${text}/x`,
    `arn:x/${text}:y`,
  ]
  return contexts[pick(contexts.length)] ?? text
}

function put(record: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path
  if (rest.length === 0) {
    define(record, name, value)
    return
  }
  const inner = Object.hasOwn(record, name) ? record[name] : undefined
  const next = typeof inner === 'object' && inner !== null ? inner : rest[0] === '0' ? [] : {}
  if (next !== inner) define(record, name, next)
  put(next as Record<string, unknown>, rest, value)
}

function define(record: object, name: string, value: unknown): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true })
}

function logOf(records: readonly Buffer[], pick: Pick): Buffer {
  const blank = () => (pick(10) === 0 ? Buffer.from([' ', '\n', '\r\n\t'][pick(3)] ?? '') : Buffer.alloc(0))
  const heads = [
    '{"Records":[',
    '{"Records":[',
    '{"Records":[',
    '\ufeff{"Records":[',
    '{"x":{"y":"\\u0041"},"Records" : [ ',
    '{"\\u0052ecords":[',
  ]
  const tails = [']}', ']}', ']}', ']}\n', '],"x":[{"Records":[{"y":"\\/"}]}]}']
  return Buffer.concat([
    Buffer.from(heads[pick(heads.length)] ?? ''),
    ...records.flatMap((one, at) => [...(at === 0 ? [] : [Buffer.from(',')]), blank(), one, blank()]),
    Buffer.from(tails[pick(tails.length)] ?? ''),
  ])
}

/** The command line holds no half of a surrogate pair. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\ufffd')
}

/** A text as a pattern that matches nothing else. */
function literal(text: string): string {
  return text.replaceAll(/[!*?\\]/g, String.raw`\$&`)
}
