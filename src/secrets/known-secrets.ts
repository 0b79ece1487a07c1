import { maskSecret } from './mask-secret.ts'
import { type Reading, readingsOf } from './readings.ts'
import { SecretIndex, shortestFound } from './secret-index.ts'

export interface SecretLife {
  /** The secret is forgotten some time after this. Undefined: never. */
  readonly endsAtMs?: number | undefined
}

interface KnownSecret {
  readonly value: string
  mayBeCut: boolean
  /** Whether it is also masked in crosstrail's own text. */
  everywhere: boolean
  endsAtMs: number
}

interface Span {
  readonly start: number
  end: number
  shown: string
}

/** A server may repeat a token that has just expired. */
const graceMs = 60 * 60_000
/** Far more than the accounts of a config need at a time. */
const mostSecrets = 10_000
const fewSecrets = 64

const webToken = /eyJ[\w-]+\.[\w-]+(\.[\w-]+)?/g

/** The secrets in use, which are masked in text. Forgets expired ones, and keeps at most 10,000. */
export class KnownSecrets {
  readonly #secrets = new Map<string, KnownSecret>()
  #sweepAt = fewSecrets
  /** Both are built when a text is masked, because most runs mask none. */
  #own: SecretIndex | undefined
  #foreign: { readonly index: SecretIndex; readonly short: readonly string[] } | undefined

  /** Remembers a random secret, such as a secret key or a token. It is masked in every text, also if it is truncated. */
  addKey(value: string | undefined, { endsAtMs = Infinity }: SecretLife = {}): void {
    this.#add({ value: value ?? '', mayBeCut: true, everywhere: true, endsAtMs })
  }

  /** Remembers a chosen or short secret: an external ID, password or MFA code. It is masked in foreign text; with `everywhere`, in every text. */
  addWord(
    value: string | undefined,
    { endsAtMs = Infinity, everywhere = false }: SecretLife & { everywhere?: boolean } = {},
  ): void {
    this.#add({ value: value ?? '', mayBeCut: false, everywhere, endsAtMs })
  }

  /** Masks the secrets in crosstrail's own text, also in encoded form. Leaves those with fewer than eight characters. */
  mask(text: string): string {
    if (this.#secrets.size === 0 || text.length < shortestFound) return text
    this.#own ??= new SecretIndex(this.#all().filter(({ everywhere }) => everywhere))
    return replaced(text, [...longSpans(text, this.#own)])
  }

  /** Masks all secrets in the text of a server or a program, and all web tokens. Masks a short secret only if it is a word by itself. */
  maskForeign(text: string): string {
    this.#foreign ??= { index: new SecretIndex(this.#all()), short: this.#shortOnes() }
    const { index, short } = this.#foreign
    const spans = [...longSpans(text, index), ...shortSpans(text, short)]
    return replaced(text, spans).replaceAll(webToken, '****')
  }

  #add(secret: KnownSecret): void {
    // A single character is in every text.
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

/** The positions of a value that has no letter, digit or underscore beside it. */
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
