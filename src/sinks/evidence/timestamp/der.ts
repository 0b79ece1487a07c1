/** The tags of the types that timestamps use (X.690). */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectId: 0x06,
  utf8String: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  context0: 0xa0,
} as const

/** Writes one value. The content of a sequence is the values in it. */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body])
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 | bytes.length, ...bytes]
}

export class NotDer extends Error {}

/** Reads the values of a sequence one after the other. Throws `NotDer`. */
export class DerReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** The tag of the next value; undefined at the end. */
  get tag(): number | undefined {
    return this.#bytes[this.#at]
  }

  /** Returns the content of the next value, which must have this tag. */
  read(tag: number): Buffer {
    if (this.tag !== tag) throw new NotDer(`it has the tag ${this.tag ?? 'none'} in place of ${tag}`)
    this.#at++
    const length = this.#length()
    const end = this.#at + length
    if (end > this.#bytes.length) throw new NotDer('a value is longer than what contains it')
    const content = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return content
  }

  enter(tag: number): DerReader {
    return new DerReader(this.read(tag))
  }

  /** Returns the content of the next value if it has this tag. */
  optional(tag: number): Buffer | undefined {
    return this.tag === tag ? this.read(tag) : undefined
  }

  /** Throws if anything is left. */
  end(): void {
    if (this.#at < this.#bytes.length) throw new NotDer('other bytes follow')
  }

  #length(): number {
    const first = this.#byte()
    if (first < 0x80) return first
    const count = first & 0x7f
    // DER has no other form; 0 would be the indefinite length of BER.
    if (count === 0 || count > 4) throw new NotDer('it has a length that DER does not allow')
    let length = 0
    for (let byte = 0; byte < count; byte++) length = length * 256 + this.#byte()
    if (lengthOf(length).length !== count + 1) throw new NotDer('it has a length that DER does not allow')
    return length
  }

  #byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw new NotDer('it ends early')
    this.#at++
    return byte
  }
}
