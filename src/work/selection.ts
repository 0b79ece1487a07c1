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

/** What an empty selection selects. */
export const everything: Selection = {
  accounts: [],
  logAccounts: [],
  regions: [],
  kinds: [],
  window: {},
  include: [],
  exclude: [],
}

/** The same selection, in which what is named twice is named once. */
export function wholeSelection(selection: Selection): Selection {
  const once = <T>(values: readonly T[]): readonly T[] => [...new Set(values)]
  const { logAccounts, regions, kinds } = selection
  return { ...selection, logAccounts: once(logAccounts), regions: once(regions), kinds: once(kinds) }
}
