const lineFeed = 0x0a
const carriageReturn = 0x0d

/** A record's own bytes on one line, with its end. JSON has line breaks only between tokens: a space says the same. */
export function recordLine(record: Uint8Array): Uint8Array {
  const line = Buffer.allocUnsafe(record.length + 1)
  line.set(record)
  line[record.length] = lineFeed
  if (!record.includes(lineFeed) && !record.includes(carriageReturn)) return line
  return Buffer.from(`${line.toString('latin1', 0, record.length).replaceAll(/[\r\n]+[ \t\r\n]*/g, ' ')}\n`, 'latin1')
}
