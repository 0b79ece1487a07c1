import type { Account, Config } from './config.ts'
import { suggest } from './suggest.ts'
import { CrosstrailError } from '../error.ts'

/** Returns the accounts with these labels, in the order of the config; all accounts if no label is given. Throws `usage.unknown-account`. */
export function accountsByLabel(config: Config, labels: readonly string[]): readonly Account[] {
  const known = config.accounts.map(({ label }) => label)
  for (const label of labels) {
    if (known.includes(label)) continue
    const near = suggest(label, known)
    throw new CrosstrailError('usage.unknown-account', `the config has no account ${JSON.stringify(label)}`, {
      hint: near === undefined ? `it has ${known.join(', ')}` : `did you mean ${near}? it has ${known.join(', ')}`,
      facts: { account: label },
    })
  }
  return labels.length === 0 ? config.accounts : config.accounts.filter(({ label }) => labels.includes(label))
}
