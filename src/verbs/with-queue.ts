import type { Account, ConfiguredQueue } from '../config/config.ts'
import { CrosstrailError } from '../error.ts'
import { queueAddress } from '../queue/address.ts'

/** Returns the accounts; one account with another queue, if the options name one. Throws `usage.conflict`, `usage.queue-url`. */
export function withQueue(accounts: readonly Account[], sqs: ConfiguredQueue | undefined): readonly Account[] {
  const [account, another] = accounts
  if (sqs === undefined || account === undefined) return accounts
  if (another !== undefined) {
    throw new CrosstrailError('usage.conflict', '--sqs needs exactly one account', { hint: 'name that account' })
  }
  queueAddress(sqs.url, sqs.region)
  return [{ ...account, sqs }]
}
