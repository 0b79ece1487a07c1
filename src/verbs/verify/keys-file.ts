import { CrosstrailError } from '../../error.ts'
import { isRegion } from '../../trail/region.ts'
import { formatInstant } from '../../trail/time.ts'
import { type PublicKey, publicKeyOf } from './public-keys.ts'

/** One key in a file that `--save-keys` writes. */
interface SavedKey {
  readonly region?: string | undefined
  readonly fingerprint: string
  readonly validFrom: string
  readonly validUntil: string
  /** The DER value in base64, as ListPublicKeys returns it. */
  readonly value: string
  /** Where it came from. */
  readonly source: string
}

/** The text of a file with public keys, sorted by region and validity. */
export function keysFileText(keys: readonly PublicKey[]): string {
  const publicKeys = keys
    .map((key): SavedKey => ({
      region: key.region,
      fingerprint: key.fingerprint,
      validFrom: formatInstant(key.validFromMs),
      validUntil: formatInstant(key.validUntilMs),
      value: key.der.toString('base64'),
      source: key.source,
    }))
    .toSorted((a, b) => (sortText(a) < sortText(b) ? -1 : 1))
  return `${JSON.stringify({ publicKeys }, undefined, 2)}\n`
}

function sortText({ region = '', validFrom, fingerprint }: SavedKey): string {
  return `${region}\n${validFrom}\n${fingerprint}`
}

/**
 * Reads public keys from a file of `--save-keys`, from the output of `aws cloudtrail list-public-keys`, or from a list of such documents. The
 * output of the AWS CLI does not name its region. Throws `config.public-key` for everything else.
 */
export function parseKeysFile(text: string, path: string): PublicKey[] {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw refusal(path, 'it is not JSON', cause)
  }
  const keys = keysOf(document, path)
  if (keys.length === 0) throw refusal(path, 'it has no keys')
  return keys
}

function keysOf(document: unknown, path: string): PublicKey[] {
  if (Array.isArray(document)) return document.flatMap((each: unknown) => keysOf(each, path))
  const fields = fieldsOf(document)
  const saved = fields?.['publicKeys']
  if (Array.isArray(saved)) return saved.map((entry, at) => savedKey(entry, path, at + 1))
  // AWS's pages write the name with a small letter.
  const listed = fields?.['PublicKeyList'] ?? fields?.['publicKeyList']
  if (Array.isArray(listed)) return listed.map((entry, at) => listedKey(entry, path, at + 1))
  throw refusal(path, 'it has neither publicKeys nor PublicKeyList')
}

function savedKey(entry: unknown, path: string, number: number): PublicKey {
  const fields = new KeyFields(entry, path, number)
  const region = fields.optionalText('region')
  if (region !== undefined && !isRegion(region)) throw fields.wrong('region', 'is not a region')
  const said = fields.optionalText('source')
  return publicKeyOf({
    region,
    fingerprint: fields.fingerprint('fingerprint'),
    validFromMs: fields.instant('validFrom'),
    validUntilMs: fields.instant('validUntil'),
    der: fields.bytes('value'),
    source: said === undefined ? path : `${path} (${said})`,
  })
}

function listedKey(entry: unknown, path: string, number: number): PublicKey {
  const fields = new KeyFields(entry, path, number)
  return publicKeyOf({
    region: undefined,
    fingerprint: fields.fingerprint('Fingerprint'),
    validFromMs: fields.instant('ValidityStartTime'),
    validUntilMs: fields.instant('ValidityEndTime'),
    der: fields.bytes('Value'),
    source: path,
  })
}

/** Reads the fields of one entry. Messages name its number, because a wrong value may be anything. */
class KeyFields {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #path: string
  readonly #number: number

  constructor(entry: unknown, path: string, number: number) {
    this.#path = path
    this.#number = number
    const fields = fieldsOf(entry)
    if (fields === undefined) throw refusal(path, `key ${number} is not an object`)
    this.#fields = fields
  }

  wrong(name: string, why: string): CrosstrailError {
    return refusal(this.#path, `${name} of key ${this.#number} ${why}`)
  }

  optionalText(name: string): string | undefined {
    const value = this.#fields[name] ?? undefined
    if (value !== undefined && typeof value !== 'string') throw this.wrong(name, 'is not a text')
    return value
  }

  fingerprint(name: string): string {
    const text = this.optionalText(name)
    if (text === undefined || !/^[0-9a-f]{32}$/i.test(text)) throw this.wrong(name, 'is not 32 hexadecimal digits')
    return text
  }

  bytes(name: string): Buffer {
    const text = this.optionalText(name)
    if (text === undefined || text === '' || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
      throw this.wrong(name, 'is not base64')
    }
    return Buffer.from(text, 'base64')
  }

  /** An ISO text, or seconds since the epoch as a number or a text: versions of the AWS CLI differ. */
  instant(name: string): number {
    const value = this.#fields[name]
    const seconds = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value
    let ms = Number.NaN
    if (typeof seconds === 'number') ms = seconds * 1000
    else if (typeof seconds === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(seconds)) {
      ms = Date.parse(seconds)
    }
    if (Number.isNaN(ms)) throw this.wrong(name, 'is not a time')
    return ms
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined
}

function refusal(path: string, why: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('config.public-key', `cannot read public keys from ${path}: ${why}`, {
    hint: 'give a file that --save-keys or `aws cloudtrail list-public-keys` wrote',
    facts: { path },
    cause,
  })
}
