const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Returns the bytes of a record as one line, with a line feed at the end. JSON has line breaks only between tokens, where a space means the same. */
export function recordLine(record: Uint8Array): Uint8Array {
  const line = Buffer.allocUnsafe(record.length + 1)
  line.set(record)
  line[record.length] = lineFeed
  if (!record.includes(lineFeed) && !record.includes(carriageReturn)) return line
  return Buffer.from(`${line.toString('latin1', 0, record.length).replaceAll(/[\r\n]+[ \t\r\n]*/g, ' ')}\n`, 'latin1')
}
