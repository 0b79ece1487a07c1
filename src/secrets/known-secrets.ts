import { maskSecret } from './mask-secret.ts'
import { type Reading, readingsOf } from './readings.ts'
import { SecretIndex, shortestFound } from './secret-index.ts'

export interface SecretLife {
  /** Forgotten some time after that. Undefined: never. */
  readonly endsAtMs?: number | undefined
}

interface KnownSecret {
  readonly value: string
  mayBeCut: boolean
  /** Whether it is masked in crosstrail's own words too. */
  everywhere: boolean
  endsAtMs: number
}

interface Span {
  readonly start: number
  end: number
  shown: string
}

/** A server may repeat a token that has just ended. */
const graceMs = 60 * 60_000
/** Far more than the accounts of a config hold at a time. */
const mostSecrets = 10_000
const fewSecrets = 64

/** A JSON web token, whoever sent it. */
const webToken = /eyJ[\w-]+\.[\w-]+(\.[\w-]+)?/g

/** The secrets that are in use, to be masked in text. It forgets those that have ended, and holds 10,000 at the most. */
export class KnownSecrets {
  readonly #secrets = new Map<string, KnownSecret>()
  #sweepAt = fewSecrets
  /** Both are made when a text is to be masked: most runs mask none. */
  #own: SecretIndex | undefined
  #foreign: { readonly index: SecretIndex; readonly short: readonly string[] } | undefined

  /** Remembers random text that opens something: secret keys, tokens. It is masked in any text, also where it is cut off. */
  addKey(value: string | undefined, { endsAtMs = Infinity }: SecretLife = {}): void {
    this.#add({ value: value ?? '', mayBeCut: true, everywhere: true, endsAtMs })
  }

  /**
   * Remembers text that somebody chose, or that is short: external IDs, passwords, MFA codes. It is masked in foreign text, and where
   * `everywhere` is set in any.
   */
  addWord(
    value: string | undefined,
    { endsAtMs = Infinity, everywhere = false }: SecretLife & { everywhere?: boolean } = {},
  ): void {
    this.#add({ value: value ?? '', mayBeCut: false, everywhere, endsAtMs })
  }

  /** Crosstrail's own text with the secrets in it masked, also where they are encoded. Shorter ones than eight characters are left. */
  mask(text: string): string {
    if (this.#secrets.size === 0 || text.length < shortestFound) return text
    this.#own ??= new SecretIndex(this.#all().filter(({ everywhere }) => everywhere))
    return replaced(text, [...longSpans(text, this.#own)])
  }

  /** The words of a server or a program with all secrets masked, web tokens too. Short ones are masked where they stand alone. */
  maskForeign(text: string): string {
    this.#foreign ??= { index: new SecretIndex(this.#all()), short: this.#shortOnes() }
    const { index, short } = this.#foreign
    const spans = [...longSpans(text, index), ...shortSpans(text, short)]
    return replaced(text, spans).replaceAll(webToken, '****')
  }

  #add(secret: KnownSecret): void {
    // One character is in every text
    if (secret.value.length < 2) return
    const known = this.#secrets.get(secret.value)
    if (known !== undefined) {
      known.endsAtMs = Math.max(known.endsAtMs, secret.endsAtMs)
      const isNews = (secret.everywhere && !known.everywhere) || (secret.mayBeCut && !known.mayBeCut)
      if (!isNews) return
      known.everywhere ||= secret.everywhere
      known.mayBeCut ||= secret.mayBeCut
    } else {
      this.#secrets.set(secret.value, secret)
      if (this.#secrets.size > this.#sweepAt) this.#sweep()
    }
    this.#own = undefined
    this.#foreign = undefined
  }

  #sweep(): void {
    const nowMs = Date.now()
    for (const [value, { endsAtMs }] of this.#secrets) {
      if (endsAtMs + graceMs < nowMs) this.#secrets.delete(value)
    }
    const [oldest] = this.#secrets.keys()
    if (this.#secrets.size > mostSecrets && oldest !== undefined) this.#secrets.delete(oldest)
    this.#sweepAt = Math.min(mostSecrets, Math.max(fewSecrets, 2 * this.#secrets.size))
  }

  #all(): KnownSecret[] {
    return [...this.#secrets.values()]
  }

  #shortOnes(): string[] {
    return [...this.#secrets.keys()].filter((value) => value.length < shortestFound)
  }
}

function* longSpans(text: string, index: SecretIndex): Generator<Span> {
  for (const reading of readingsOf(text)) {
    for (const { start, end, whole } of index.find(reading.text)) {
      const shown = whole !== undefined && reading.text === text ? maskSecret(whole) : '****'
      yield { start: reading.startOf(start), end: reading.startOf(end), shown }
    }
  }
}

function* shortSpans(text: string, values: readonly string[]): Generator<Span> {
  if (values.length === 0) return
  for (const reading of readingsOf(text)) {
    for (const value of values) {
      for (const start of placesAlone(reading, value)) {
        yield { start: reading.startOf(start), end: reading.startOf(start + value.length), shown: '****' }
      }
    }
  }
}

/** Where a value stands with no letter, digit or underscore beside it. */
function* placesAlone({ text }: Reading, value: string): Generator<number> {
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) {
    if (!/\w/.test(text.charAt(at - 1)) && !/\w/.test(text.charAt(at + value.length))) yield at
  }
}

function replaced(text: string, spans: Span[]): string {
  if (spans.length === 0) return text
  let shown = ''
  let copied = 0
  for (const { start, end, shown: mask } of joined(spans)) {
    shown += text.slice(copied, start) + mask
    copied = end
  }
  return shown + text.slice(copied)
}

/** Spans in order, those that overlap made one. */
function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = []
  for (const span of spans.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = all.at(-1)
    if (last === undefined || span.start >= last.end) all.push({ ...span })
    else if (span.end > last.end) {
      last.end = span.end
      last.shown = '****'
    }
  }
  return all
}
