import type { EventRecord } from '../../records/record.ts'

const start = '{"Records":['
const lastOfName = Buffer.from('Records"')
const unicodeEscape = Buffer.from('\\u')

/**
 * Parses an unzipped log at once, without splitting it into records first. Returns undefined if the log is not valid, or not written exactly
 * like CloudTrail writes logs: then use `splitLog`, which tells what is wrong.
 */
export function parsePlainLog(bytes: Buffer): readonly EventRecord[] | undefined {
  if (bytes.toString('latin1', 0, start.length) !== start) return undefined
  // JSON.parse silently uses the last one of several lists `Records`. An escape may hide the name of such a list.
  if (bytes.includes(lastOfName, start.length) || bytes.includes(unicodeEscape)) return undefined
  try {
    const { Records: records } = JSON.parse(bytes.toString()) as { readonly Records: readonly unknown[] }
    return records.every(isObject) ? records : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is EventRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
