import type { BodyReceiver } from '../../s3/body-receiver.ts'
import type { BucketProtection, DeleteOptions, VersionLock } from '../../s3/bucket-admin.ts'
import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import type { ObjectHead } from '../../s3/object-head.ts'
import type { ListedObject } from '../../trail/log-object.ts'
import type { Trail } from '../../trail/trail.ts'
import type { Assignment, ReadingAccount } from '../../work/assignment.ts'
import type { Listing } from '../../work/plan.ts'
import type { RunListener } from '../../work/run-event.ts'
import type { VersionListing } from './version-twins.ts'

/** What an object can be compared by. */
export interface ComparedPlace {
  head(key: string, asked?: Record<string, never>, signal?: AbortSignal): Promise<ObjectHead | undefined>
  get<T>(object: Pick<ListedObject, 'key'>, receive: () => BodyReceiver<T>, signal?: AbortSignal): Promise<T>
}

/** What deleting needs of a bucket besides its listing. */
export interface DeletingAdmin extends VersionListing {
  protection(signal?: AbortSignal): Promise<BucketProtection>
  /** One attempt. */
  deleteObjects(
    items: readonly DeleteItem[],
    options?: DeleteOptions,
    signal?: AbortSignal,
  ): Promise<{ readonly answered: readonly DeleteAnswer[]; readonly unanswered: readonly DeleteItem[] }>
  lockOf(key: string, versionId: string, signal?: AbortSignal): Promise<VersionLock>
}

/** The trail's bucket through one account's session, and the archive beside it where there is one. */
export interface DeletingBucket extends Listing, ComparedPlace {
  readonly admin: DeletingAdmin
  readonly archive?: (Listing & ComparedPlace) | undefined
}

export interface DeleteHost {
  readonly trail: Trail
  readonly accounts: readonly ReadingAccount[]
  /** The account's session and bucket: the same ones each time. Throws `access.…`. */
  readonly open: (assignment: Assignment) => Promise<DeletingBucket>
  /** `SERIAL CODE`, asked for once for each account. Throws `access.mfa-…`. */
  readonly mfa: (account: string) => Promise<string>
  readonly listings: number
  readonly maxTasks: number
  readonly maxAttempts: number
  readonly listener: RunListener
  readonly signal: AbortSignal
  readonly nowMs: number
}
