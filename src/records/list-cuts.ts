/** Where the list of one field is in the bytes of a JSON document. */
export interface ListCuts {
  /** Of its opening bracket. */
  readonly start: number
  /** After its closing bracket. */
  readonly end: number
  /** Some of the commas between its items, in order: they cut the list into parts of about the wanted size. */
  readonly commas: readonly number[]
}

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const openBrace = 0x7b
const closeBrace = 0x7d
const colon = 0x3a
const comma = 0x2c
/** The only bit that differs between `{` and `[`, and between `}` and `]`. */
const braceBit = 0x20

/**
 * Finds the lists that the outermost object of a JSON document has under a name, so that a long one can be parsed in parts. Checks nothing:
 * whoever parses the parts and the rest finds what is not JSON.
 */
export function findLists(bytes: Uint8Array, name: string, partBytes: number): ListCuts[] {
  const wanted = Buffer.from(`"${name}"`)
  const found: ListCuts[] = []
  let depth = 0
  /** The list that was opened and not closed yet. */
  let list: { readonly start: number; readonly commas: number[] } | undefined
  let partAt = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === quote) {
      const start = at
      at = closingQuote(bytes, at)
      if (depth !== 1 || !wanted.equals(bytes.subarray(start, at + 1))) continue
      const value = listAfter(bytes, at + 1)
      if (value === undefined) continue
      list = { start: value, commas: [] }
      partAt = value
      depth++
      at = value
    } else if ((byte | braceBit) === openBrace) {
      depth++
    } else if ((byte | braceBit) === closeBrace) {
      depth--
      if (depth !== 1 || list === undefined) continue
      found.push({ ...list, end: at + 1 })
      list = undefined
    } else if (byte === comma && depth === 2 && list !== undefined && at - partAt >= partBytes) {
      list.commas.push(at)
      partAt = at
    }
  }
  return found
}

function closingQuote(bytes: Uint8Array, start: number): number {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
  return at
}

/** The opening bracket after a name; undefined if no list follows. */
function listAfter(bytes: Uint8Array, nameEnd: number): number | undefined {
  const colonAt = blank(bytes, nameEnd)
  if (bytes[colonAt] !== colon) return undefined
  const at = blank(bytes, colonAt + 1)
  return bytes[at] === openBracket ? at : undefined
}

function blank(bytes: Uint8Array, start: number): number {
  let at = start
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++
  return at
}
