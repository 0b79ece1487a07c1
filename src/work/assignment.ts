import type { CrosstrailError } from '../error.ts'
import type { AccountId } from '../trail/account-id.ts'

/** The facts of an account that planning needs. */
export interface ReadingAccount {
  readonly label: string
  readonly id: AccountId
  readonly reads: 'own' | 'all' | readonly AccountId[]
  /** Why the account can do nothing in this run, although it takes part. */
  readonly unusable?: CrosstrailError | undefined
}

/** The log accounts that an account reads in this run: these, or all that are found except those. */
export type Assignment =
  | { readonly account: string; readonly logAccounts: readonly AccountId[] }
  | { readonly account: string; readonly allBut: readonly AccountId[] }

/**
 * Assigns each log account to one account, so that a key that two of them can read is planned once. The most specific claim wins: `own`,
 * then a list, then `all`; among equals, the first in the config. If log accounts are selected, nothing needs to be discovered: `all` then
 * means those that no other account claims.
 */
export function assignLogAccounts(accounts: readonly ReadingAccount[], selected: readonly AccountId[]): Assignment[] {
  const taken = new Set<AccountId>()
  const claim = (ids: readonly AccountId[]): AccountId[] => {
    const mine = ids.filter((id) => !taken.has(id) && (selected.length === 0 || selected.includes(id)))
    for (const id of mine) taken.add(id)
    return [...new Set(mine)]
  }
  const claims = new Map<string, readonly AccountId[]>()
  for (const { label, id, reads } of accounts) if (reads === 'own') claims.set(label, claim([id]))
  for (const { label, reads } of accounts) if (typeof reads !== 'string') claims.set(label, claim(reads))

  const named = [...taken]
  let allIsTaken = false
  return accounts.map(({ label, reads }) => {
    if (reads !== 'all') return { account: label, logAccounts: claims.get(label) ?? [] }
    if (selected.length > 0) return { account: label, logAccounts: claim(selected) }
    if (allIsTaken) return { account: label, logAccounts: [] }
    allIsTaken = true
    return { account: label, allBut: named }
  })
}
