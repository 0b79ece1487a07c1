import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** One version of an object, or a delete marker. It does not know its key, so that a million keys can share one. */
export interface StoredObject {
  /** `null` where the bucket was not versioned when it came. */
  readonly versionId: string
  readonly isDeleteMarker: boolean
  readonly body: Buffer
  /** Without quotes. The MD5 of the body, unless a KMS key encrypts it. */
  readonly etag: string
  readonly lastModifiedMs: number
  readonly storageClass: string
  /** Where an archived object can be read again for a while, or will be. */
  readonly restore?: { readonly ongoing: boolean; readonly expiresAtMs?: number } | undefined
  /** True for INTELLIGENT_TIERING objects that moved to an archive tier. */
  readonly isArchivedTier?: boolean | undefined
  readonly contentType: string
  readonly contentEncoding?: string | undefined
  /** `x-amz-meta-` headers, without that prefix. */
  readonly metadata: Readonly<Record<string, string>>
  /** By algorithm (`crc32`, `crc64nvme`, `sha256` …), in base64. */
  readonly checksums: Readonly<Record<string, string>>
  readonly kmsKeyArn?: string | undefined
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined
}

/** How an object is put. Everything has a default. */
export type PutOptions = Partial<Omit<StoredObject, 'versionId' | 'isDeleteMarker' | 'body' | 'etag'>> & {
  /** Stores the CRC32 of the body as S3 would have on upload. */
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
    etag: etagOf(body, given.kmsKeyArn),
  }
}

export function deleteMarker(versionId: string, nowMs: number): StoredObject {
  return { ...storedObject(Buffer.alloc(0), versionId, nowMs), isDeleteMarker: true, etag: '' }
}

/** True if S3 would refuse to hand out the body: archived, and no restored copy at hand. */
export function isArchived(object: StoredObject, nowMs: number): boolean {
  const cold = object.isArchivedTier === true || archiveClasses.has(object.storageClass)
  return cold && !isRestored(object, nowMs)
}

export function isRestored({ restore }: StoredObject, nowMs: number): boolean {
  return restore !== undefined && !restore.ongoing && (restore.expiresAtMs ?? Infinity) > nowMs
}

/** The CRC32 of a body as `x-amz-checksum-crc32` carries it. */
export function base64Crc32(body: Buffer): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return bytes.toString('base64')
}

const archiveClasses = new Set(['GLACIER', 'DEEP_ARCHIVE'])

function etagOf(body: Buffer, kmsKeyArn: string | undefined): string {
  const hash = createHash('md5')
  if (kmsKeyArn !== undefined) hash.update(kmsKeyArn)
  return hash.update(body).digest('hex')
}
