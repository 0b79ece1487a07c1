/** A text, possibly decoded, and the position of each of its characters in the written text. */
export interface Reading {
  readonly text: string
  /** Returns the offset in the written text of the character at `at`; for `text.length`, the end of the written text. */
  readonly startOf: (at: number) => number
}

const encoded =
  /%([0-9a-f]{2})|&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));|\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(["'\\/]))/gi

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Decodes a text that was encoded up to twice. */
const rounds = 2

/** Returns the text as written, and decoded once and twice if it has encoded characters. */
export function readingsOf(text: string): Reading[] {
  const readings: Reading[] = [{ text, startOf: (at) => at }]
  for (let round = 0; round < rounds; round++) {
    const next = undone(readings.at(-1) as Reading)
    if (next === undefined) break
    readings.push(next)
  }
  return readings
}

function undone({ text, startOf }: Reading): Reading | undefined {
  if (!/[%&\\]/.test(text)) return undefined
  let decoded = ''
  const starts: number[] = []
  let copied = 0
  const copyTo = (end: number) => {
    for (let at = copied; at < end; at++) starts.push(startOf(at))
    decoded += text.slice(copied, end)
  }
  for (const match of text.matchAll(encoded)) {
    copyTo(match.index)
    for (let unit = 0; unit < characterOf(match).length; unit++) starts.push(startOf(match.index))
    decoded += characterOf(match)
    copied = match.index + match[0].length
  }
  if (copied === 0) return undefined
  copyTo(text.length)
  starts.push(startOf(text.length))
  return { text: decoded, startOf: (at) => starts[at] ?? startOf(text.length) }
}

function characterOf([written, percent, decimal, hex, name, unit, byte, escaped]: RegExpMatchArray): string {
  if (name !== undefined) return named[name.toLowerCase()] ?? written ?? ''
  if (escaped !== undefined) return escaped
  const code = decimal === undefined ? Number.parseInt(percent ?? hex ?? unit ?? byte ?? '0', 16) : Number(decimal)
  return code <= 0x10ffff ? String.fromCodePoint(code) : (written ?? '')
}
