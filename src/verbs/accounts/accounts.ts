import { accountsByLabel } from '../../config/account-labels.ts'
import type { Account } from '../../config/config.ts'
import type { Verb } from '../verb.ts'

export interface AccountsOptions {
  /** Labels; empty for all. */
  readonly accounts: readonly string[]
}

const defaults: AccountsOptions = { accounts: [] }

/** The accounts of the config as resolved, in its order. Sends nothing. Throws `usage.unknown-account`. */
export const accounts: Verb<AccountsOptions, typeof defaults, readonly Account[]> = {
  name: 'accounts',
  defaults,
  run: async ({ accounts: labels }, { config }) => accountsByLabel(config, labels),
}
