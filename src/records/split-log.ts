import { CrosstrailError } from '../error.ts'

/** Where the records of a log are in its bytes. */
export interface LogSpans {
  /** The start and the end of each record, one after the other. The end is exclusive. */
  readonly ends: readonly number[]
  /** The indexes of records that contain `\u` or `\/`, sorted. In these, the bytes of a value may differ from its text. */
  readonly escaped: readonly number[]
}

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const colon = 0x3a
const comma = 0x2c
/** The only bit that differs between `{` and `[`, and between `}` and `]`. */
const braceBit = 0x20

/**
 * Finds the records of an unzipped log without parsing them. A digest has none. Inside a record, it only checks that strings and brackets
 * end. Throws `object.not-a-log` if the log is not one JSON object with one list `Records` of objects.
 */
export function splitLog(bytes: Uint8Array, key: string): LogSpans {
  return new Splitter(bytes, key).split()
}

class Splitter {
  readonly #bytes: Uint8Array
  readonly #key: string
  readonly #ends: number[] = []
  readonly #escaped: number[] = []
  #lists = 0
  #digest = false
  /** Whether the object or list that was read last contains `\u` or `\/`. */
  #hasEscape = false

  constructor(bytes: Uint8Array, key: string) {
    this.#bytes = bytes
    this.#key = key
  }

  split(): LogSpans {
    const bytes = this.#bytes
    let at = this.#blank(byteOrderMark(bytes))
    if (bytes[at] !== openBrace) throw this.#notALog('it is not a JSON object')
    at = this.#blank(at + 1)
    if (bytes[at] === closeBrace) at++
    else at = this.#fields(at)
    if (this.#blank(at) !== bytes.length) throw this.#notALog('there is data after its JSON')
    if (this.#lists === 0 && !this.#digest) throw this.#notALog('it has no Records')
    // JSON.parse uses the last one, and other readers may use the first one.
    if (this.#lists > 1) throw this.#notALog('it has more than one list Records')
    return { ends: this.#ends, escaped: this.#escaped }
  }

  /** Reads the fields of the outermost object, and its closing brace. */
  #fields(first: number): number {
    const bytes = this.#bytes
    for (let at = first; ;) {
      if (bytes[at] !== quote) throw this.#notALog('it is not JSON')
      const nameEnd = this.#stringEnd(at)
      const name = this.#json(at, nameEnd)
      at = this.#blank(nameEnd)
      if (bytes[at] !== colon) throw this.#notALog('it is not JSON')
      at = this.#blank(at + 1)
      if (name === 'logFiles') this.#digest = true
      at = this.#blank(name === 'Records' ? this.#records(at) : this.#value(at))
      if (bytes[at] === closeBrace) return at + 1
      if (bytes[at] !== comma) throw this.#notALog('it is not JSON')
      at = this.#blank(at + 1)
    }
  }

  /** Reads the list of records, and notes where each one is. */
  #records(start: number): number {
    const bytes = this.#bytes
    this.#lists++
    if (bytes[start] !== openBracket) throw this.#notALog('its Records are not a list')
    let at = this.#blank(start + 1)
    if (bytes[at] === closeBracket) return at + 1
    for (;;) {
      if (bytes[at] !== openBrace) throw this.#notALog('one of its Records is not an object')
      const end = this.#nestedEnd(at)
      if (this.#hasEscape) this.#escaped.push(this.#ends.length / 2)
      this.#ends.push(at, end)
      at = bytes[end] === comma || bytes[end] === closeBracket ? end : this.#blank(end)
      if (bytes[at] === closeBracket) return at + 1
      if (bytes[at] !== comma) throw this.#notALog('it is not JSON')
      at = bytes[at + 1] === openBrace ? at + 1 : this.#blank(at + 1)
    }
  }

  /** Checks that a value next to the records is JSON. */
  #value(at: number): number {
    const end = this.#valueEnd(at)
    this.#json(at, end)
    return end
  }

  #valueEnd(at: number): number {
    const bytes = this.#bytes
    if (bytes[at] === quote) return this.#stringEnd(at)
    if (bytes[at] === openBrace || bytes[at] === openBracket) return this.#nestedEnd(at)
    let end = at
    while (end < bytes.length && isTokenByte(bytes[end])) end++
    if (end === at) throw this.#notALog('it is not JSON')
    return end
  }

  /** Finds the end of an object or a list. This loop is hot: it reads every byte of every log. */
  #nestedEnd(start: number): number {
    const bytes = this.#bytes
    const { length } = bytes
    let at = start + 1
    let depth = 1
    let escaped = false
    while (at < length) {
      const byte = bytes[at++] as number
      if (byte === quote) {
        for (;;) {
          if (at >= length) throw this.#notALog('it ends in the middle of a string')
          const inside = bytes[at++] as number
          if (inside === quote) break
          if (inside === backslash) {
            const next = bytes[at++]
            if (next === 0x75 || next === 0x2f) escaped = true
          }
        }
      } else if ((byte | braceBit) === openBrace) {
        depth++
      } else if ((byte | braceBit) === closeBrace && --depth === 0) {
        this.#hasEscape = escaped
        return at
      }
    }
    throw this.#notALog('it ends in the middle of an object or a list')
  }

  #stringEnd(start: number): number {
    const bytes = this.#bytes
    for (let at = start + 1; at < bytes.length; at++) {
      if (bytes[at] === quote) return at + 1
      if (bytes[at] === backslash) at++
    }
    throw this.#notALog('it ends in the middle of a string')
  }

  #json(start: number, end: number): unknown {
    try {
      return JSON.parse(new TextDecoder().decode(this.#bytes.subarray(start, end)))
    } catch (cause) {
      throw this.#notALog('it is not JSON', cause)
    }
  }

  #blank(start: number): number {
    const bytes = this.#bytes
    let at = start
    while (at < bytes.length && isBlank(bytes[at])) at++
    return at
  }

  #notALog(says: string, cause?: unknown): CrosstrailError {
    const key = this.#key
    return new CrosstrailError('object.not-a-log', `${key} is not a CloudTrail log: ${says}`, { facts: { key }, cause })
  }
}

function byteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** A byte of a number, or of `true`, `false` or `null`. */
function isTokenByte(byte: number | undefined): boolean {
  return byte !== undefined && byte !== comma && byte !== closeBrace && byte !== closeBracket && !isBlank(byte)
}
