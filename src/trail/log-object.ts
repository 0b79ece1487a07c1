import type { AccountId } from './account-id.ts'
import type { Kind } from './kind.ts'

/** The parts of every key of the trail. */
export interface KeyParts {
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
  /** The stamp of the file name: the time of delivery (for a digest, the end of the hour it covers). Minute or second precision. */
  readonly deliveredAtMs: number
}

/** One object of a bucket, from a page of a listing. */
export interface ListedObject {
  readonly key: string
  readonly sizeBytes: number
  /** Without quotes. */
  readonly etag: string
  readonly lastModifiedMs: number
  /** `STANDARD` if S3 does not return one. */
  readonly storageClass: string
  /** True while a restored copy of an archived object can be read. Undefined if the listing did not return it. */
  readonly restored?: boolean | undefined
}

/** One key of the bucket, parsed. */
export interface LogObject extends ListedObject, KeyParts {}
