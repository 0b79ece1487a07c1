import type { Account } from '../config/config.ts'
import { CrosstrailError } from '../error.ts'
import type { Rights } from './rights.ts'

/** Throws `access.verb-not-allowed` if the account's `allow` lacks a verb of the rights. */
export function refuseVerbs(account: Account, { allow }: Pick<Rights, 'allow'>): void {
  const verb = allow.find((each) => !account.allow.includes(each))
  if (verb === undefined) return
  throw new CrosstrailError('access.verb-not-allowed', `account ${account.label} does not allow ${verb}`, {
    hint: `add ${verb} to accounts.${account.label}.allow, or name other accounts`,
    facts: { account: account.label, verb },
  })
}
