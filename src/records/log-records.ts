import { CrosstrailError } from '../error.ts'

/**
 * One event of a log: the very bytes that CloudTrail wrote, on one line, since numbers and bytes that are no UTF-8 would not survive being
 * read and written. A character stands for a byte.
 */
export interface LogRecord {
  readonly eventId: string | undefined
  readonly line: string
}

/**
 * The events of a log file, in its order; none of a digest. A character of `text` stands for a byte (`latin1`). Throws `object.not-a-log`
 * for anything else.
 */
export function recordsOf(text: string, key: string): LogRecord[] {
  let log: unknown
  try {
    log = JSON.parse(text)
  } catch (cause) {
    throw notALog(key, 'it is no JSON', cause)
  }
  if (typeof log !== 'object' || log === null) throw notALog(key, 'it is no JSON object')
  if (!Object.hasOwn(log, 'Records')) {
    if (Object.hasOwn(log, 'logFiles')) return []
    throw notALog(key, 'it has no Records')
  }
  const { Records: records } = log as { readonly Records: unknown }
  if (!Array.isArray(records)) throw notALog(key, 'its Records are no list')
  const { lists, parts } = splitList(text)
  // JSON.parse takes the last of several, and another reader may take the first.
  if (lists > 1) throw notALog(key, 'it has several Records')
  if (parts.length !== records.length) throw notALog(key, 'its Records cannot be told apart')
  return parts.map((part, at) => ({ eventId: idOf(records[at]), line: part.replaceAll(/[\r\n]+[ \t\r\n]*/g, ' ') }))
}

/** Aggregated records spell the field in another way. */
function idOf(record: { readonly eventID?: unknown; readonly eventId?: unknown } | null): string | undefined {
  const id = record?.eventID ?? record?.eventId
  return typeof id === 'string' ? id : undefined
}

/** The texts of the members of the list under `Records`, and how many fields have that name, of a text that is known to be JSON. */
function splitList(text: string): { readonly lists: number; readonly parts: string[] } {
  const parts: string[] = []
  let lists = 0
  let depth = 0
  let start = -1
  let inRecords = false
  for (let at = 0; at < text.length; at++) {
    switch (text.charAt(at)) {
      case '"': {
        const end = stringEnd(text, at)
        if (depth === 1) {
          inRecords = isFieldName(text, end) && JSON.parse(text.slice(at, end)) === 'Records'
          if (inRecords) lists++
        }
        at = end - 1
        break
      }
      case '{':
      case '[':
        depth++
        if (depth === 3 && inRecords) start = at
        break
      case '}':
      case ']':
        if (depth === 3 && inRecords) parts.push(text.slice(start, at + 1))
        depth--
    }
  }
  return { lists, parts }
}

/** A string before a colon is the name of a field. */
function isFieldName(text: string, end: number): boolean {
  let at = end
  while (' \t\r\n'.includes(text.charAt(at))) at++
  return text.charAt(at) === ':'
}

/** Where a string that begins at a quote has its end, the closing quote included. */
function stringEnd(text: string, at: number): number {
  let end = at + 1
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return end + 1
}

function notALog(key: string, says: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('object.not-a-log', `${key} is no CloudTrail log: ${says}`, { facts: { key }, cause })
}
