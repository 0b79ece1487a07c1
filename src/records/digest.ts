import { CrosstrailError } from '../error.ts'
import { utcInstant } from '../trail/calendar.ts'
import { findLists, type ListCuts } from './list-cuts.ts'

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
  /** The times of its newest and oldest event, if the digest says them. */
  readonly newestEventMs: number | undefined
  readonly oldestEventMs: number | undefined
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
  const { fields, logParts } = splitDigest(bytes, key)
  const reader = new DigestReader(fields, key)
  const algorithms = new Set<string>()
  const hash = (fields: DigestReader, name: string): string => {
    const algorithm = fields.text(`${name}Algorithm`)
    if (algorithm !== 'SHA-256') algorithms.add(algorithm)
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
    // The signature covers it as it is written.
    previousDigestSignature: reader.isNull('previousDigestSignature') ? null : reader.text('previousDigestSignature'),
  }
  const logs: DigestLog[] = []
  for (const part of logParts ?? [reader.list('logFiles')]) {
    for (const item of part) {
      const log = new DigestReader(item, key)
      const bucket = log.text('s3Bucket')
      const last = logs.at(-1)?.bucket
      // Parsing makes a new text for each log, and all of them are the same.
      logs.push({
        bucket: bucket === last ? last : bucket,
        key: log.text('s3Object'),
        sha256: hash(log, 'hash'),
        newestEventMs: log.instantIfAny('newestEventTime'),
        oldestEventMs: log.instantIfAny('oldestEventTime'),
      })
    }
  }
  return { ...digest, logs, otherAlgorithms: [...algorithms] }
}

interface SplitDigest {
  readonly fields: unknown
  /** The logs that it lists; undefined if they are among the fields. */
  readonly logParts: Iterable<readonly unknown[]> | undefined
}

const partBytes = 256 * 1024
/** Stands for the list of logs among the other fields. */
const placeholder = 0

/** A digest may list 100,000 logs. Parsed at once they take several times the memory that is kept of them, so they are parsed in parts. */
function splitDigest(bytes: Uint8Array, key: string): SplitDigest {
  const [list, other] = findLists(bytes, 'logFiles', partBytes)
  if (list !== undefined && other === undefined) {
    const [before, after] = [bytes.subarray(0, list.start), bytes.subarray(list.end)]
    const fields = jsonOf(Buffer.concat([before, Buffer.from(`${placeholder}`), after]), key)
    // Another field of that name may be written with escapes.
    const isOnly = isObject(fields) && fields['logFiles'] === placeholder
    if (isOnly) return { fields, logParts: partsOf(bytes, list, key) }
  }
  return { fields: jsonOf(bytes, key), logParts: undefined }
}

function* partsOf(bytes: Uint8Array, { start, commas, end }: ListCuts, key: string): Generator<readonly unknown[]> {
  const cuts = [start, ...commas, end - 1]
  for (const [index, cut] of cuts.slice(1).entries()) {
    const items = listOf(bytes.subarray((cuts[index] ?? 0) + 1, cut), key)
    if (items.length === 0 && commas.length > 0) throw notJson(key)
    yield items
  }
}

function jsonOf(bytes: Uint8Array, key: string): unknown {
  return parsed(() => utf8.decode(bytes), key)
}

/** The items of a list, without its brackets. */
function listOf(bytes: Uint8Array, key: string): readonly unknown[] {
  return parsed(() => `[${utf8.decode(bytes)}]`, key) as readonly unknown[]
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parsed(text: () => string, key: string): unknown {
  try {
    return JSON.parse(text())
  } catch (cause) {
    throw notJson(key, cause)
  }
}

function notJson(key: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('object.not-a-digest', `${key} is not a digest: it is not JSON`, { facts: { key }, cause })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const instantPattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z$/
function instantOf(text: string): number | undefined {
  const [year, month, day, hour, minute, second] = (instantPattern.exec(text) ?? []).slice(1).map(Number)
  return utcInstant(year ?? Number.NaN, month ?? Number.NaN, day ?? Number.NaN, hour, minute, second)
}

const hexPattern = /^(?:[0-9a-fA-F]{2})+$/

/** Reads fields of an object. */
class DigestReader {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #key: string

  constructor(value: unknown, key: string) {
    this.#key = key
    if (!isObject(value)) throw this.#wrong('it is not a JSON object')
    this.#fields = value
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
    const ms = instantOf(this.text(name))
    if (ms === undefined) throw this.#wrong(`${name} is not an instant`)
    return ms
  }

  /** Nothing that is proven depends on it. */
  instantIfAny(name: string): number | undefined {
    const value = this.#fields[name]
    return typeof value === 'string' ? instantOf(value) : undefined
  }

  list(name: string): readonly unknown[] {
    const value = this.#fields[name]
    if (!Array.isArray(value)) throw this.#wrong(`${name} is not a list`)
    return value
  }

  #wrong(says: string): CrosstrailError {
    const key = this.#key
    return new CrosstrailError('object.not-a-digest', `${key} is not a digest: ${says}`, { facts: { key } })
  }
}
