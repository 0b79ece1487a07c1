import { CrosstrailError } from '../error.ts'
import { utcInstant } from '../trail/calendar.ts'

/** The fields of a digest file that its signature covers, besides the hash of the file. */
export interface SignedDigestParts {
  /** As written in the digest: `2026-11-01T10:00:00Z`. */
  readonly digestEndTime: string
  readonly digestS3Bucket: string
  readonly digestS3Object: string
  /** Hexadecimal; null in the first digest of a trail. */
  readonly previousDigestSignature: string | null
}

/** A log that a digest lists. */
export interface DigestLog {
  readonly bucket: string
  readonly key: string
  /** SHA-256 of the unzipped log, in lowercase hexadecimal. */
  readonly sha256: string
}

/** The digest before, as its successor names it. */
export interface PreviousDigest {
  readonly bucket: string
  readonly key: string
  /** SHA-256 of the unzipped digest, in lowercase hexadecimal. */
  readonly sha256: string
  /** In hexadecimal. */
  readonly signature: string
}

/** A digest file. Fields that crosstrail does not use are left out. */
export interface Digest extends SignedDigestParts {
  readonly awsAccountId: string
  readonly startMs: number
  readonly endMs: number
  /** MD5 of the public key's DER, in lowercase hexadecimal. */
  readonly publicKeyFingerprint: string
  readonly signatureAlgorithm: string
  /** The hash algorithms of the previous digest and of the logs that are not SHA-256. Their hashes cannot be checked. */
  readonly otherAlgorithms: readonly string[]
  /** Undefined in the first digest of a chain. */
  readonly previous: PreviousDigest | undefined
  readonly logs: readonly DigestLog[]
}

/**
 * Returns the string that a digest's RSA signature signs. AWS documents it under "custom implementations of CloudTrail log file integrity
 * validation". `digestSha256` is the hexadecimal hash of the uncompressed digest file.
 */
export function digestStringToSign(digest: SignedDigestParts, digestSha256: string): string {
  const location = `${digest.digestS3Bucket}/${digest.digestS3Object}`
  return [digest.digestEndTime, location, digestSha256, digest.previousDigestSignature ?? 'null'].join('\n')
}

/**
 * Reads an unzipped digest. Throws `object.not-a-digest` if it is not one JSON object with the fields that AWS documents ("CloudTrail digest
 * file structure"), or if a hash, an instant or a signature is not written as AWS writes it.
 */
export function parseDigest(bytes: Uint8Array, key: string): Digest {
  const reader = new DigestReader(objectOf(bytes, key), key)
  const algorithms: string[] = []
  const hash = (fields: DigestReader, name: string): string => {
    const algorithm = fields.text(`${name}Algorithm`)
    if (algorithm !== 'SHA-256') algorithms.push(algorithm)
    return fields.hex(name === 'hash' ? 'hashValue' : `${name}Value`)
  }
  const digest = {
    awsAccountId: reader.text('awsAccountId'),
    digestEndTime: reader.text('digestEndTime'),
    startMs: reader.instant('digestStartTime'),
    endMs: reader.instant('digestEndTime'),
    digestS3Bucket: reader.text('digestS3Bucket'),
    digestS3Object: reader.text('digestS3Object'),
    publicKeyFingerprint: reader.hex('digestPublicKeyFingerprint'),
    signatureAlgorithm: reader.text('digestSignatureAlgorithm'),
    previous: reader.isNull('previousDigestS3Object')
      ? undefined
      : {
          bucket: reader.text('previousDigestS3Bucket'),
          key: reader.text('previousDigestS3Object'),
          sha256: hash(reader, 'previousDigestHash'),
          signature: reader.hex('previousDigestSignature'),
        },
    logs: reader.list('logFiles').map((log) => ({
      bucket: log.text('s3Bucket'),
      key: log.text('s3Object'),
      sha256: hash(log, 'hash'),
    })),
  }
  return {
    ...digest,
    // The signature covers it as it is written.
    previousDigestSignature: reader.isNull('previousDigestSignature') ? null : reader.text('previousDigestSignature'),
    otherAlgorithms: [...new Set(algorithms)],
  }
}

function objectOf(bytes: Uint8Array, key: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw new CrosstrailError('object.not-a-digest', `${key} is not a digest: it is not JSON`, {
      facts: { key },
      cause,
    })
  }
}

const instantPattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z$/
const hexPattern = /^(?:[0-9a-fA-F]{2})+$/

/** Reads fields of an object. */
class DigestReader {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #key: string

  constructor(value: unknown, key: string) {
    this.#key = key
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#wrong('it is not a JSON object')
    this.#fields = value as Readonly<Record<string, unknown>>
  }

  isNull(name: string): boolean {
    return (this.#fields[name] ?? null) === null
  }

  text(name: string): string {
    const value = this.#fields[name]
    if (typeof value !== 'string' || value === '') throw this.#wrong(`${name} is not a text`)
    return value
  }

  hex(name: string): string {
    const value = this.text(name)
    if (!hexPattern.test(value)) throw this.#wrong(`${name} is not hexadecimal`)
    return value.toLowerCase()
  }

  instant(name: string): number {
    const [year, month, day, hour, minute, second] = (instantPattern.exec(this.text(name)) ?? []).slice(1).map(Number)
    const ms = utcInstant(year ?? Number.NaN, month ?? Number.NaN, day ?? Number.NaN, hour, minute, second)
    if (ms === undefined) throw this.#wrong(`${name} is not an instant`)
    return ms
  }

  list(name: string): DigestReader[] {
    const value = this.#fields[name]
    if (!Array.isArray(value)) throw this.#wrong(`${name} is not a list`)
    return value.map((item) => new DigestReader(item, this.#key))
  }

  #wrong(says: string): CrosstrailError {
    const key = this.#key
    return new CrosstrailError('object.not-a-digest', `${key} is not a digest: ${says}`, { facts: { key } })
  }
}
