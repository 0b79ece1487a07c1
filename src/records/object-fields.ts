/**
 * Calls `onField` for each field at the top of a JSON object, with its name, the start of its name, and the start and end of its value. Each character of
 * `text` is a byte (`latin1`). Values are not parsed, so numbers and texts stay as they were written. Throws if the text is not a JSON object. The inside of
 * values is not checked.
 */
export function eachField(
  text: string,
  onField: (name: string, nameStart: number, start: number, end: number) => void,
): void {
  let at = skipSpace(text, 0)
  if (text[at] !== '{') throw notAnObject()
  at = skipSpace(text, at + 1)
  if (text[at] === '}') return
  for (;;) {
    if (text[at] !== '"') throw notAnObject()
    const nameStart = at
    at = stringEnd(text, at)
    const name = text.slice(nameStart + 1, at - 1)
    at = skipSpace(text, at)
    if (text[at] !== ':') throw notAnObject()
    const start = skipSpace(text, at + 1)
    const end = valueEnd(text, start)
    onField(name.includes('\\') ? (JSON.parse(`"${name}"`) as string) : name, nameStart, start, end)
    at = skipSpace(text, end)
    if (text[at] === '}') return
    if (text[at] !== ',') throw notAnObject()
    at = skipSpace(text, at + 1)
  }
}

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const openers: ReadonlySet<number> = new Set([0x5b, 0x7b])
const closeBracket = 0x5d
const closeBrace = 0x7d

function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === quote) return stringEnd(text, start)
  if (openers.has(first)) return nestedEnd(text, start)
  let at = start
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === comma || code === closeBrace || code <= 0x20) break
  }
  if (at === start) throw notAnObject()
  return at
}

function nestedEnd(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length;) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = stringEnd(text, at)
      continue
    }
    at++
    if (code === 0x5b || code === 0x7b) depth++
    else if ((code === closeBracket || code === closeBrace) && --depth === 0) return at
  }
  throw notAnObject()
}

/** Returns the end of the string that begins at a quote, after its closing quote. */
function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at - 1
    while (text.charCodeAt(before) === backslash) before--
    if ((at - before) % 2 === 1) return at + 1
  }
  throw notAnObject()
}

function skipSpace(text: string, start: number): number {
  let at = start
  while (text.charCodeAt(at) <= 0x20) at++
  return at
}

function notAnObject(): Error {
  return new Error('the text is not a JSON object')
}
