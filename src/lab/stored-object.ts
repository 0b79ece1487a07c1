import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { bytesEtag } from './etag.ts'

/** One version of an object, or a delete marker. It does not contain its key, so that a million keys can share one. */
export interface StoredObject {
  /** `null` if the bucket was not versioned when the object was put. */
  readonly versionId: string
  readonly isDeleteMarker: boolean
  readonly body: Buffer
  /** Without quotes. The MD5 of the body, unless it was put in parts or a KMS key encrypts it. */
  readonly etag: string
  readonly lastModifiedMs: number
  readonly storageClass: string
  /** Set if an archived object is readable for some days, or will be. */
  readonly restore?: { readonly ongoing: boolean; readonly days?: number; readonly expiresAtMs?: number } | undefined
  /** True for INTELLIGENT_TIERING objects that moved to an archive tier. */
  readonly isArchivedTier?: boolean | undefined
  readonly contentType: string
  readonly contentEncoding?: string | undefined
  /** `x-amz-meta-` headers, without that prefix. */
  readonly metadata: Readonly<Record<string, string>>
  /** By algorithm (`crc32`, `crc64nvme`, `sha256` …), in base64. */
  readonly checksums: Readonly<Record<string, string>>
  /** `COMPOSITE`: the checksum of the parts' checksums. */
  readonly checksumType?: 'FULL_OBJECT' | 'COMPOSITE' | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly acl?: string | undefined
  readonly retention?: Retention | undefined
  readonly legalHold?: boolean | undefined
  readonly kmsKeyArn?: string | undefined
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined
}

/** Object Lock's retention of one version. */
export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE'
  readonly untilMs: number
}

/** Options of a put. Everything has a default. */
export type PutOptions = Partial<Omit<StoredObject, 'versionId' | 'isDeleteMarker' | 'body'>> & {
  /** Stores the CRC32 of the body, as S3 does on upload. */
  readonly withCrc32?: boolean
}

export function storedObject(body: Buffer, versionId: string, nowMs: number, options: PutOptions = {}): StoredObject {
  const { withCrc32 = false, ...given } = options
  return {
    storageClass: 'STANDARD',
    contentType: 'binary/octet-stream',
    metadata: {},
    lastModifiedMs: nowMs,
    ...given,
    checksums: withCrc32 ? { crc32: base64Crc32(body), ...given.checksums } : (given.checksums ?? {}),
    versionId,
    isDeleteMarker: false,
    body,
    etag: given.etag ?? (given.kmsKeyArn === undefined ? bytesEtag(body) : randomBytes(16).toString('hex')),
  }
}

export function deleteMarker(versionId: string, nowMs: number): StoredObject {
  return { ...storedObject(Buffer.alloc(0), versionId, nowMs, { etag: '' }), isDeleteMarker: true }
}

/** True if S3 would refuse to return the body: archived, without a restored copy. */
export function isArchived(object: StoredObject, nowMs: number): boolean {
  return isCold(object) && !isRestored(object, nowMs)
}

export function isRestored({ restore }: StoredObject, nowMs: number): boolean {
  return restore !== undefined && !restore.ongoing && (restore.expiresAtMs ?? Infinity) > nowMs
}

/** True if it can be read only after a restore, whether or not one was made. */
export function isCold(object: StoredObject): boolean {
  return object.isArchivedTier === true || archiveClasses.has(object.storageClass)
}

/** Returns the CRC32 of a body as `x-amz-checksum-crc32` has it. */
export function base64Crc32(body: Buffer): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return bytes.toString('base64')
}

const archiveClasses = new Set(['GLACIER', 'DEEP_ARCHIVE'])
