/** Enough bytes of a secret to recognize it. */
const encodedBytes = 24

/**
 * Returns the forms that `value` can have inside the Base64 of a longer text: for each number of bytes before it, modulo 3, and in
 * both alphabets. Leaves out the characters that also depend on the bytes beside it.
 */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value).subarray(0, encodedBytes)
  const forms = [0, 1, 2].map((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes])
    const first = Math.ceil((before * 8) / 6)
    return padded.toString('base64').slice(first, Math.floor((padded.length * 8) / 6))
  })
  return [...new Set([...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))])]
}

/** Shorter values occur in other words by chance. */
export const shortestFound = 8
/** This many first characters identify a key, because a server may truncate what it repeats. */
const shortestCut = 16

export interface IndexedSecret {
  readonly value: string
  /** Whether the beginning of the value is enough to match it. */
  readonly mayBeCut: boolean
}

export interface FoundSecret {
  readonly start: number
  readonly end: number
  /** Undefined if only its beginning or its Base64 was found. */
  readonly whole: string | undefined
}

interface Wanted extends IndexedSecret {
  readonly isEncoded: boolean
}

/** Finds values of eight characters or more in a text. The time does not grow with the number of values. */
export class SecretIndex {
  readonly #byBeginning = new Map<string, Wanted[]>()
  /** Hashes of the first two characters of all values, so that most positions of a text are skipped at once. */
  readonly #pairs = new Uint8Array(65_536)

  constructor(secrets: Iterable<IndexedSecret>) {
    for (const { value, mayBeCut } of secrets) {
      if (value.length < shortestFound) continue
      this.#add({ value, mayBeCut, isEncoded: false })
      for (const form of base64Forms(value)) this.#add({ value: form, mayBeCut: true, isEncoded: true })
    }
  }

  #add(wanted: Wanted): void {
    if (wanted.value.length < shortestFound) return
    const beginning = wanted.value.slice(0, shortestFound)
    const others = this.#byBeginning.get(beginning)
    if (others === undefined) this.#byBeginning.set(beginning, [wanted])
    else others.push(wanted)
    this.#pairs[pairAt(wanted.value, 0)] = 1
  }

  *find(text: string): Generator<FoundSecret> {
    for (let at = 0; at <= text.length - shortestFound; at++) {
      if (this.#pairs[pairAt(text, at)] !== 1) continue
      const found = this.#longestAt(text, at)
      if (found === undefined) continue
      yield found
      at = found.end - 1
    }
  }

  #longestAt(text: string, at: number): FoundSecret | undefined {
    let longest: FoundSecret | undefined
    for (const { value, mayBeCut, isEncoded } of this.#byBeginning.get(text.slice(at, at + shortestFound)) ?? []) {
      const length = commonLength(value, text, at)
      const isWhole = length === value.length
      if (!isWhole && !(mayBeCut && length >= shortestCut)) continue
      const isSecret = isWhole && !isEncoded
      const end = isSecret ? at + length : endOfKey(text, at + length)
      if (longest === undefined || end > longest.end) longest = { start: at, end, whole: isSecret ? value : undefined }
    }
    return longest
  }
}

function pairAt(text: string, at: number): number {
  return ((text.charCodeAt(at) << 8) ^ text.charCodeAt(at + 1)) & 65_535
}

function commonLength(value: string, text: string, from: number): number {
  let length = 0
  while (length < value.length && value.charCodeAt(length) === text.charCodeAt(from + length)) length++
  return length
}

/** Tokens of one kind begin alike. Characters that can continue a token belong to it, even if it is another token. */
function endOfKey(text: string, from: number): number {
  let end = from
  while (/[\w+/=-]/.test(text.charAt(end))) end++
  return end
}
