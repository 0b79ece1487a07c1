import { CrosstrailError } from '../error.ts'

/**
 * One event of a log, on one line: the exact bytes that CloudTrail wrote, one character for each byte.
 * Parsing and writing would change large numbers and bytes that are not UTF-8.
 */
export interface LogRecord {
  readonly eventId: string | undefined
  readonly line: string
}

/**
 * Returns the events of a log file, in its order; none for a digest. Each character of `text` is one byte (`latin1`).
 * Throws `object.not-a-log` for anything else.
 */
export function recordsOf(text: string, key: string): LogRecord[] {
  let log: unknown
  try {
    log = JSON.parse(text)
  } catch (cause) {
    throw notALog(key, 'it is not JSON', cause)
  }
  if (typeof log !== 'object' || log === null) throw notALog(key, 'it is not a JSON object')
  if (!Object.hasOwn(log, 'Records')) {
    if (Object.hasOwn(log, 'logFiles')) return []
    throw notALog(key, 'it has no Records')
  }
  const { Records: records } = log as { readonly Records: unknown }
  if (!Array.isArray(records)) throw notALog(key, 'its Records are not a list')
  const { lists, parts } = splitList(text)
  // JSON.parse takes the last field of this name, and another reader may take the first.
  if (lists > 1) throw notALog(key, 'it has more than one field Records')
  if (parts.length !== records.length) throw notALog(key, 'its Records cannot be separated')
  return parts.map((part, at) => ({ eventId: idOf(records[at]), line: part.replaceAll(/[\r\n]+[ \t\r\n]*/g, ' ') }))
}

/** Aggregated records spell the field `eventId`. */
function idOf(record: { readonly eventID?: unknown; readonly eventId?: unknown } | null): string | undefined {
  const id = record?.eventID ?? record?.eventId
  return typeof id === 'string' ? id : undefined
}

/** Splits the list under `Records` into the texts of its members, and counts the fields of that name. The text must be valid JSON. */
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

function isFieldName(text: string, end: number): boolean {
  let at = end
  while (' \t\r\n'.includes(text.charAt(at))) at++
  return text.charAt(at) === ':'
}

/** Returns the offset after the closing quote of a string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  let end = at + 1
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return end + 1
}

function notALog(key: string, says: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('object.not-a-log', `${key} is not a CloudTrail log: ${says}`, { facts: { key }, cause })
}
