import type { CrosstrailError } from '../error.ts'

/** One version of a key, or a delete marker in its place. */
export interface ObjectVersion {
  readonly key: string
  /** `null` for what was stored before versioning was on. */
  readonly versionId: string
  readonly isLatest: boolean
  readonly isDeleteMarker: boolean
  /** Without quotes; empty for a marker. */
  readonly etag: string
  readonly sizeBytes: number
  readonly lastModifiedMs: number
  readonly storageClass: string
}

export interface VersionPage {
  /** Sorted by key, the newest version of a key first. */
  readonly versions: readonly ObjectVersion[]
  readonly next: { readonly keyMarker: string; readonly versionIdMarker: string | undefined } | undefined
}

/** What to delete: a key, under conditions. */
export interface DeleteItem {
  readonly key: string
  /** Only this version. Without it, a versioned bucket gets a delete marker. */
  readonly versionId?: string | undefined
  /** Only while the object still has it. */
  readonly etag?: string | undefined
}

export type DeleteAnswer =
  /** `markerVersionId` is set where the delete left a marker. Something that was gone already is deleted. */
  | { readonly status: 'deleted'; readonly item: DeleteItem; readonly markerVersionId?: string | undefined }
  | { readonly status: 'failed'; readonly item: DeleteItem; readonly error: CrosstrailError }

/** What keeps a bucket's objects. */
export interface BucketProtection {
  readonly versioning: 'off' | 'enabled' | 'suspended'
  readonly mfaDelete: boolean
  readonly objectLock: boolean
}

/** Why a version cannot be deleted. */
export interface VersionLock {
  readonly mode: 'governance' | 'compliance' | undefined
  readonly retainUntilMs: number | undefined
  readonly legalHold: boolean
}

/** What HEAD tells of an object. */
export interface ObjectHead {
  readonly sizeBytes: number
  readonly etag: string
  readonly lastModifiedMs: number
  readonly storageClass: string
  /** `AES256`, `aws:kms`, `aws:kms:dsse`; undefined where S3 does not say. */
  readonly encryption: string | undefined
  /** Full-object checksums that S3 keeps, by algorithm (`crc64nvme`, `sha256` …), base64. */
  readonly checksums: Readonly<Record<string, string>>
  /** To be kept with a copy: `content-type`, `x-amz-meta-…`. */
  readonly headers: Readonly<Record<string, string>>
}
