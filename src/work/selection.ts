import type { AccountId } from '../trail/account-id.ts'
import type { Kind } from '../trail/kind.ts'
import type { Window } from '../trail/window.ts'

/** What the user asked for. Empty lists select everything. */
export interface Selection {
  /** Labels of the config. */
  readonly accounts: readonly string[]
  readonly logAccounts: readonly AccountId[]
  readonly regions: readonly string[]
  readonly kinds: readonly Kind[]
  /** Of the delivery time. */
  readonly window: Window
  /** Globs over keys; one without a slash is matched against the file name. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}
