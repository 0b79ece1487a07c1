import type { AccountId } from './account-id.ts'
import type { Kind } from './kind.ts'
import type { Window } from './window.ts'

/**
 * A run of consecutive keys that one listing walks: those under `prefix`, after `startAfter`, up to and without `end`.
 * The unit of work. Plain data: it crosses threads and machines as JSON.
 */
export interface Slice {
  /** The label of the account whose session reads it. */
  readonly account: string
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
  /** Ends with a slash: `…/CloudTrail/us-east-1/`. */
  readonly prefix: string
  /** Exclusive lower bound, a full key; undefined starts at the prefix. */
  readonly startAfter?: string | undefined
  /** Exclusive upper bound, a full key; undefined goes to the prefix's last key. */
  readonly end?: string | undefined
  /** The instants whose keys lie in it. What the bounds cannot say exactly, this does: keys outside of it are not selected. */
  readonly window: Window
}
