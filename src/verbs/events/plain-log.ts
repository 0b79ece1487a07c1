import type { EventRecord } from '../../records/record.ts'

const start = '{"Records":['
const lastOfName = Buffer.from('Records"')
const unicodeEscape = Buffer.from('\\u')

/**
 * The records of an unzipped log by one parse, without finding them in its bytes first: if it is written as CloudTrail writes logs, and
 * nothing but a splitter could tell more of it. Undefined if it is not. Then `splitLog` says what is wrong with it, if anything is.
 */
export function parsePlainLog(bytes: Buffer): readonly EventRecord[] | undefined {
  if (bytes.toString('latin1', 0, start.length) !== start) return undefined
  // The name a second time: JSON.parse takes the last of several lists, and says nothing. An escape could hide the name.
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
