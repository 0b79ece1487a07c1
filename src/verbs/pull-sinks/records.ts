import { CrosstrailError } from '../../error.ts'

/** One event of a log: the very text that CloudTrail wrote, on one line, since numbers would not survive being read and written. */
export interface LogRecord {
  readonly eventId: string | undefined
  readonly line: string
}

/** The events of a log file, in its order; none of a digest. Throws `object.not-a-log` for anything else. */
export function recordsOf(text: string, key: string): LogRecord[] {
  let log: unknown
  try {
    log = JSON.parse(text)
  } catch (cause) {
    throw notALog(key, 'it is no JSON', cause)
  }
  if (typeof log !== 'object' || log === null) throw notALog(key, 'it is no JSON object')
  if (!('Records' in log)) {
    if ('logFiles' in log) return []
    throw notALog(key, 'it has no Records')
  }
  const { Records: records } = log
  if (!Array.isArray(records)) throw notALog(key, 'its Records are no list')
  const texts = splitList(text)
  if (texts.length !== records.length) throw notALog(key, 'its Records cannot be told apart')
  return records.map((record: { readonly eventID?: unknown } | null, at) => ({
    eventId: typeof record?.eventID === 'string' ? record.eventID : undefined,
    line: (texts[at] ?? '').replaceAll(/[\r\n]+\s*/g, ' '),
  }))
}

/** The texts of the members of the list under `Records`, of a text that is known to be JSON. */
function splitList(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = -1
  let listDepth = -1
  for (let at = 0; at < text.length; at++) {
    switch (text.charAt(at)) {
      case '"': {
        const end = stringEnd(text, at)
        if (depth === 1 && listDepth < 0 && text.slice(at, end) === '"Records"') listDepth = 2
        at = end - 1
        break
      }
      case '{':
      case '[':
        depth++
        if (depth === listDepth + 1 && listDepth === 2) start = at
        break
      case '}':
      case ']':
        if (depth === listDepth + 1 && start >= 0) parts.push(text.slice(start, at + 1))
        depth--
        if (listDepth === 2 && depth === 1) return parts
    }
  }
  return parts
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
