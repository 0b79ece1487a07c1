import type { Verb as Allowed } from '../config/config.ts'
import type { SharedQueue } from '../identity/sharing/announcing.ts'
import type { SharingNeed } from '../identity/sharing/need-statements.ts'

/** The rights that a verb needs. */
export interface Rights {
  /** The verbs that the account's `allow` must have. */
  readonly allow: readonly Allowed[]
  /** What the session may do. The session policy removes everything else. */
  readonly needs: readonly SharingNeed[]
  /** The other bucket: where copies go, or where a delete looks for the copies of what it removes. */
  readonly target?: { readonly bucket: string; readonly prefix: string } | undefined
  /** The queue from which the credentials to start with receive. */
  readonly queue?: SharedQueue | undefined
}
