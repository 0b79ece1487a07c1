import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { dayMs } from '../trail/calendar.ts'
import { keyFingerprint } from './etag.ts'

/** A key pair that signs digests. */
export interface DigestKeyPair {
  /** PKCS#1 DER, as ListPublicKeys gives it in base64. */
  readonly publicKeyDer: Buffer
  /** MD5 of the DER, hexadecimal. Digests name the key by it. */
  readonly fingerprint: string
  readonly privateKey: KeyObject
}

/** A public key as ListPublicKeys gives it, in the region whose digests it checks. */
export interface PublishedKey {
  readonly region: string
  readonly publicKeyDer: Buffer
  readonly fingerprint: string
  readonly validFromMs: number
  readonly validUntilMs: number
}

/** Returns the key pair that signs in a region at an instant. */
export type SignerAt = (region: string, instantMs: number) => DigestKeyPair

export async function newDigestKeyPair(): Promise<DigestKeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const publicKeyDer = publicKey.export({ type: 'pkcs1', format: 'der' })
  return { publicKeyDer, fingerprint: keyFingerprint(publicKeyDer), privateKey }
}

export interface KeyRotation {
  /** How long each key is valid. Default: 30 days, as on AWS. */
  readonly lifeMs?: number | undefined
  /** True if each region has its own keys, as on AWS. By default all regions share theirs, because making keys takes long. */
  readonly perRegion?: boolean | undefined
}

export interface RotatedKeys {
  readonly signerAt: SignerAt
  readonly published: readonly PublishedKey[]
}

/** Makes the keys that sign in a window. Each follows the one before without a gap. The first and the last reach beyond the window. */
export async function rotatedKeys(
  regions: readonly string[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  { lifeMs = 30 * dayMs, perRegion = false }: KeyRotation = {},
): Promise<RotatedKeys> {
  const firstMs = fromMs - Math.floor(lifeMs / 3)
  const count = Math.floor((toMs - firstMs) / lifeMs) + 1
  const rings = await Promise.all((perRegion ? regions : ['']).map(() => ring(count)))
  const ringOf = (region: string) => rings[perRegion ? regions.indexOf(region) : 0] ?? []
  return {
    signerAt(region, instantMs) {
      const pair = ringOf(region)[Math.floor((instantMs - firstMs) / lifeMs)]
      if (pair === undefined)
        throw new Error(`the lab has no key for ${region} at ${new Date(instantMs).toISOString()}`)
      return pair
    },
    published: regions.flatMap((region) =>
      ringOf(region).map(({ publicKeyDer, fingerprint }, index) => ({
        region,
        publicKeyDer,
        fingerprint,
        validFromMs: firstMs + index * lifeMs,
        validUntilMs: firstMs + (index + 1) * lifeMs,
      })),
    ),
  }
}

function ring(count: number): Promise<DigestKeyPair[]> {
  return Promise.all(Array.from({ length: count }, newDigestKeyPair))
}
