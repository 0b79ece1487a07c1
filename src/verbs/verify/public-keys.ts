import { createPublicKey, type KeyObject } from 'node:crypto'
import { CrosstrailError } from '../../error.ts'
import { md5 } from '../../s3/md5.ts'

/** A public key of CloudTrail, and where it came from. */
export interface PublicKey {
  /** CloudTrail has other keys in each region. Undefined if a file does not say it: then the key counts for all regions. */
  readonly region: string | undefined
  /** MD5 of the DER value, in lowercase hexadecimal. Digests name the key by it. */
  readonly fingerprint: string
  readonly validFromMs: number
  readonly validUntilMs: number
  /** As ListPublicKeys returns it. */
  readonly der: Buffer
  /** A file, or `ListPublicKeys` of a region with the caller's ARN. */
  readonly source: string
  readonly key: KeyObject
}

export interface GivenKey extends Omit<PublicKey, 'fingerprint' | 'key'> {
  /** Compared with the value, if it is given. */
  readonly fingerprint?: string | undefined
}

/** CloudTrail's keys have 2048 bits. */
const fewestBits = 2048

/**
 * Reads a key. AWS documents PKCS#1 for its value, and one of its samples is SPKI, so both are tried. Throws `config.public-key` if it is
 * neither, not an RSA key of 2048 bits or more, or another key than its fingerprint says.
 */
export function publicKeyOf({ fingerprint: given, ...rest }: GivenKey): PublicKey {
  // A Node under FIPS has no MD5.
  const fingerprint = md5(rest.der)?.toString('hex') ?? given?.toLowerCase()
  const named = given ?? fingerprint ?? 'without a fingerprint'
  const refuse = (why: string) =>
    new CrosstrailError('config.public-key', `the public key ${named} from ${rest.source} ${why}`, {
      hint: 'give a file that --save-keys or `aws cloudtrail list-public-keys` wrote',
      facts: { fingerprint: named, source: rest.source },
    })
  if (fingerprint === undefined) throw refuse('has no fingerprint, and this Node has no MD5 to compute it')
  if (given !== undefined && given.toLowerCase() !== fingerprint) {
    throw refuse(`is another key: the fingerprint of its value is ${fingerprint}`)
  }
  const key = rsaKey(rest.der)
  if (key === undefined) throw refuse('is not an RSA key')
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < fewestBits) throw refuse(`has ${bits} bits; CloudTrail's keys have ${fewestBits}`)
  if (!(rest.validFromMs < rest.validUntilMs)) throw refuse('is never valid: its validity ends before it starts')
  return { ...rest, fingerprint, key }
}

function rsaKey(der: Buffer): KeyObject | undefined {
  for (const type of ['pkcs1', 'spki'] as const) {
    try {
      const key = createPublicKey({ key: der, format: 'der', type })
      if (key.asymmetricKeyType === 'rsa') return key
    } catch {
      // The other form may fit.
    }
  }
  return undefined
}

/** The public keys of a run. */
export class PublicKeys {
  readonly #keys: PublicKey[] = []

  constructor(keys: Iterable<PublicKey> = []) {
    for (const key of keys) this.add(key)
  }

  /** The same key from the same source counts once. */
  add(key: PublicKey): void {
    const isKnown = this.find(key.region, key.fingerprint).some(
      ({ region, source, der, validFromMs, validUntilMs }) =>
        region === key.region &&
        source === key.source &&
        validFromMs === key.validFromMs &&
        validUntilMs === key.validUntilMs &&
        der.equals(key.der),
    )
    if (!isKnown) this.#keys.push(key)
  }

  get all(): readonly PublicKey[] {
    return this.#keys
  }

  find(region: string | undefined, fingerprint: string): readonly PublicKey[] {
    return this.#keys.filter(
      (key) => key.fingerprint === fingerprint && (key.region === undefined || key.region === region),
    )
  }
}
