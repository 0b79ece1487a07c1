import type { AccountId } from './account-id.ts'
import type { Kind } from './kind.ts'

/** What a key of the trail says about itself. */
export interface KeyParts {
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
  /** The stamp of the file name: when CloudTrail delivered (digests: the end of the hour they cover). Minute or second precision. */
  readonly deliveredAtMs: number
}

/** One object of a bucket, as a listing page gives it. */
export interface ListedObject {
  readonly key: string
  readonly sizeBytes: number
  /** Without quotes. */
  readonly etag: string
  readonly lastModifiedMs: number
  /** `STANDARD` where S3 says nothing. */
  readonly storageClass: string
  /** True while a restored copy of an archived object can be read. Undefined where the listing did not say. */
  readonly restored?: boolean | undefined
}

/** One key of the bucket, parsed. */
export interface LogObject extends ListedObject, KeyParts {}
