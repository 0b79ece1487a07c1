import type { AccountId } from '../trail/account-id.ts'
import type { Kind } from '../trail/kind.ts'
import type { Shard } from '../trail/shard.ts'
import type { Window } from '../trail/window.ts'

/** What the user selected. Empty lists select everything. */
export interface Selection {
  /** Labels of the config. */
  readonly accounts: readonly string[]
  readonly logAccounts: readonly AccountId[]
  readonly regions: readonly string[]
  readonly kinds: readonly Kind[]
  /** A window of the delivery time. */
  readonly window: Window
  /** Globs over keys; one without a slash is matched against the file name. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** Only this part of it. The other parts are the work of other machines. */
  readonly shard?: Shard | undefined
  /** Only the logs of it that were delivered in this time. Other machines read the rest. */
  readonly piece?: Window | undefined
}

/** The selection that selects everything. */
export const everything: Selection = {
  accounts: [],
  logAccounts: [],
  regions: [],
  kinds: [],
  window: {},
  include: [],
  exclude: [],
}

/** Whether other machines read the rest of what the user selected. */
export function isPart({ shard, piece }: Selection): boolean {
  return shard !== undefined || piece !== undefined
}

/** Returns the same selection without repeated names. */
export function wholeSelection(selection: Selection): Selection {
  const once = <T>(values: readonly T[]): readonly T[] => [...new Set(values)]
  const { logAccounts, regions, kinds } = selection
  return { ...selection, logAccounts: once(logAccounts), regions: once(regions), kinds: once(kinds) }
}
