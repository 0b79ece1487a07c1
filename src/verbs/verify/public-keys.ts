import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { CrosstrailError } from '../../error.ts'

/** A public key of CloudTrail, and where it came from. */
export interface PublicKey {
  readonly region: string
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

export type GivenKey = Omit<PublicKey, 'fingerprint' | 'key'>

/**
 * Reads a key. AWS documents PKCS#1 for its value, and one of its samples is SPKI, so both are tried. Throws `config.public-key` if it is
 * neither, or not an RSA key.
 */
export function publicKeyOf(given: GivenKey): PublicKey {
  const fingerprint = createHash('md5').update(given.der).digest('hex')
  for (const type of ['pkcs1', 'spki'] as const) {
    try {
      const key = createPublicKey({ key: given.der, format: 'der', type })
      if (key.asymmetricKeyType === 'rsa') return { ...given, fingerprint, key }
    } catch {
      // The other form may fit.
    }
  }
  throw new CrosstrailError(
    'config.public-key',
    `the public key ${fingerprint} from ${given.source} is not an RSA key`,
    {
      facts: { fingerprint, source: given.source },
    },
  )
}
