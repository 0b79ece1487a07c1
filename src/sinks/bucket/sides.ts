import type { BodyReceiver } from '../../s3/body-receiver.ts'
import type { ObjectHead } from '../../s3/object-head.ts'
import type { CopySource, ObjectHeaders, StoredCopy } from '../../s3/copy-target.ts'
import type { AnswerConnection } from '../../s3/http.ts'
import type { AccountId } from '../../trail/account-id.ts'
import type { ListedObject } from '../../trail/log-object.ts'
import type { Listing } from '../../work/plan.ts'

export interface Thaw {
  readonly tier: 'bulk' | 'standard' | 'expedited'
  /** How many days the restored copy stays readable. */
  readonly days: number
}

export interface ReadableSide {
  readonly bucket: string
  get<T>(object: Pick<ListedObject, 'key'>, receive: () => BodyReceiver<T>, signal?: AbortSignal): Promise<T>
  /** Throws `object.gone` if there is none. */
  head(key: string, signal?: AbortSignal): Promise<ObjectHead>
}

/** The place that objects are copied from, through one account's session. */
export interface SourceSide extends ReadableSide {
  readonly owner: AccountId
  /** How often an object is read if its bytes are wrong. */
  readonly maxAttempts: number
  /** Returns bytes of the version that has this ETag. */
  getRange(
    key: string,
    range: { readonly start: number; readonly endInclusive: number; readonly etag: string },
    signal?: AbortSignal,
  ): Promise<{ readonly bytes: Buffer; readonly connection: AnswerConnection }>
  /** `readable`: no request is needed. */
  thaw(object: ListedObject, how: Thaw, signal?: AbortSignal): Promise<'requested' | 'in-progress' | 'readable'>
}

/** The place that copies are written to, through the same account's session or another's. */
export interface TargetSide extends ReadableSide {
  readonly listing: Listing
  /** Copies up to 5 GB on the server's side. */
  copy(source: CopySource, targetKey: string, signal?: AbortSignal): Promise<StoredCopy>
  /** Copies any size but 0 on the server's side. */
  copyInParts(source: CopySource, head: ObjectHead, targetKey: string, signal?: AbortSignal): Promise<StoredCopy>
  put(targetKey: string, body: Uint8Array, own: ObjectHeaders, signal?: AbortSignal): Promise<StoredCopy>
  /** Holds one part at a time, and asks for the next one when it is uploaded. If the iteration throws, the upload ends. */
  uploadInParts(
    targetKey: string,
    parts: AsyncIterable<Uint8Array>,
    head: ObjectHead,
    signal?: AbortSignal,
  ): Promise<StoredCopy>
  /** As `put`, but never replaces an object. Throws `object.changed` if there is one. */
  putNew(targetKey: string, body: Uint8Array, own: ObjectHeaders, signal?: AbortSignal): Promise<StoredCopy>
  /** As `uploadInParts`, but holds up to four parts at a time, and never replaces an object. Throws `object.changed` if there is one. */
  uploadNewInParts(
    targetKey: string,
    parts: AsyncIterable<Uint8Array>,
    head: Pick<ObjectHead, 'sizeBytes' | 'headers' | 'checksums'>,
    signal?: AbortSignal,
  ): Promise<StoredCopy>
}

/** Both places, as one account copies between them. */
export interface CopySides {
  readonly source: SourceSide
  readonly target: TargetSide
  /** True if another account than the source's writes. */
  readonly anotherWrites: boolean
}
