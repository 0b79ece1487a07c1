import { accountsByLabel } from '../../config/account-labels.ts'
import type { Account } from '../../config/config.ts'
import type { Verb } from '../verb.ts'

export interface AccountsOptions {
  /** Labels of the config. Empty: all. */
  readonly accounts: readonly string[]
}

const defaults: AccountsOptions = { accounts: [] }

/** Returns the resolved accounts of the config, in its order. Sends nothing. Throws `usage.unknown-account`. */
export const accounts: Verb<AccountsOptions, typeof defaults, readonly Account[]> = {
  name: 'accounts',
  defaults,
  run: async ({ accounts: labels }, { config }) => accountsByLabel(config, labels),
}
