import type { Verb as Allowed } from '../config/config.ts'
import type { SharingNeed } from '../identity/sharing/need-statements.ts'

/** What the sessions of a verb are opened for. */
export interface Rights {
  /** What the account's `allow` in the config must have. */
  readonly allow: readonly Allowed[]
  /** What the session may do. A session policy takes everything else from it. */
  readonly needs: readonly SharingNeed[]
  /** The other place: where copies go, or where a delete looks for the copies of what it removes. */
  readonly target?: { readonly bucket: string; readonly prefix: string } | undefined
}
