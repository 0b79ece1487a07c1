import { isIP } from 'node:net'
import type { Condition } from '../../../src/verbs/events/filter/event-filter.ts'
import type { FilterField } from '../../../src/verbs/events/filter/fields.ts'

type Value = Readonly<Record<string, unknown>>

/** The simplest implementation of filters: each record is parsed, and patterns are regular expressions. */
export function naiveMatches(record: Value, conditions: readonly Condition[]): boolean {
  return conditions.every(({ field, any, none }) => {
    const texts = textsOf(field, record)
    const has = (patterns: readonly string[]) =>
      patterns.some((pattern) => texts.some((text) => isMatch(field, pattern, text)))
    return (any.length === 0 || has(any)) && !has(none)
  })
}

function isMatch(field: FilterField, pattern: string, text: string): boolean {
  if (field === 'contains') return text.includes(pattern)
  if (field === 'ip') {
    const [, network = '', bits] = /^([^/]*)\/(\d{1,3})$/.exec(pattern) ?? []
    const isRange = isIP(network) !== 0 && Number(bits) <= (isIP(network) === 4 ? 32 : 128)
    if (isRange) return isInRange(text, network, Number(bits))
    if (isIP(pattern) === 6 && isIP(text) === 6) return isInRange(text, pattern, 128)
  }
  if (field === 'eventSource' && !/[.*?]/.test(pattern)) return text === `${pattern}.amazonaws.com`
  return globExpression(pattern).test(text)
}

function isInRange(text: string, network: string, bits: number): boolean {
  if (isIP(text) === 0 || isIP(text) !== isIP(network)) return false
  const shift = BigInt((isIP(network) === 4 ? 32 : 128) - bits)
  return addressNumber(text) >> shift === addressNumber(network) >> shift
}

/** All bits of an address. */
function addressNumber(address: string): bigint {
  if (isIP(address) === 4) return groupsNumber(address.split('.').map(Number), 8n)
  const dotted = address.replace(/\d+\.\d+\.\d+\.\d+$/, (v4) => {
    const low = addressNumber(v4)
    return `${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`
  })
  const [head = [], tail = []] = dotted.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = Array<string>(8 - head.length - tail.length).fill('0')
  return groupsNumber(
    [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16)),
    16n,
  )
}

function groupsNumber(groups: readonly number[], bits: bigint): bigint {
  return groups.reduce((sum, group) => (sum << bits) + BigInt(group), 0n)
}

/** Converts a pattern to a regular expression. */
export function globExpression(pattern: string): RegExp {
  const pieces = pattern.match(/\\[*?\\!]|[^]/gu) ?? []
  const source = pieces.map((piece) => {
    if (piece === '*') return '[^]*'
    if (piece === '?') return '[^]'
    const literal = piece.length > 1 && piece.startsWith('\\') ? piece.slice(1) : piece
    return literal.replaceAll(/[$()*+.?[\\\]^{|}/]/g, String.raw`\$&`)
  })
  return new RegExp(`^${source.join('')}$`, 'u')
}

/** Returns the texts of a record that are compared with the patterns of a filter. */
export function textsOf(field: FilterField, record: Value): string[] {
  const identity = record['userIdentity']
  const issuer = at(identity, 'sessionContext', 'sessionIssuer')
  const arns = texts(at(identity, 'arn'), at(issuer, 'arn'))
  switch (field) {
    case 'user': {
      const principal = at(identity, 'principalId')
      return [
        ...texts(at(identity, 'userName'), at(issuer, 'userName'), at(identity, 'invokedBy')),
        ...arns,
        ...arns.flatMap(lastPart),
        ...arns.flatMap((arn) => /:assumed-role\/([^/]+)\//.exec(arn)?.[1] ?? []),
        ...(typeof principal === 'string' && principal.includes(':') ? [principal.replace(/^[^:]*:/, '')] : []),
        ...(at(identity, 'type') === 'Root' ? ['root'] : []),
      ]
    }
    case 'arn':
      return arns
    case 'resource': {
      const all = [...strings(record['resources']), ...strings(record['requestParameters'])]
      return [...all, ...all.flatMap((text) => (text.startsWith('arn:') ? lastPart(text) : []))]
    }
    case 'accessKey':
      return texts(at(identity, 'accessKeyId'))
    case 'recipientAccount':
      return texts(record['recipientAccountId'], record['accountId'])
    case 'eventId':
      return texts(record['eventID'] ?? record['eventId'])
    case 'readOnly':
      return typeof record['readOnly'] === 'boolean' ? [String(record['readOnly'])] : []
    case 'contains':
      return everything(record)
    default:
      return texts(record[plain[field]])
  }
}

const plain = {
  eventName: 'eventName',
  eventSource: 'eventSource',
  ip: 'sourceIPAddress',
  userAgent: 'userAgent',
  error: 'errorCode',
  eventRegion: 'awsRegion',
  eventType: 'eventType',
  category: 'eventCategory',
} as const

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? (inner as Value)[name] : undefined),
    value,
  )
}

function texts(...values: readonly unknown[]): string[] {
  return values.flatMap((value) => (typeof value === 'string' ? [value] : []))
}

function lastPart(arn: string): string[] {
  const [, name] = /[/:]([^/:]+)$/.exec(arn) ?? []
  return name === undefined ? [] : [name]
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : []
}

function everything(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)]
  if (Array.isArray(value)) return value.flatMap(everything)
  return Object.entries(value).flatMap(([name, item]) => [name, ...everything(item)])
}
