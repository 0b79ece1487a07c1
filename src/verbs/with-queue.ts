import type { Account, ConfiguredQueue } from '../config/config.ts'
import { CrosstrailError } from '../error.ts'
import type { SharedQueue } from '../identity/sharing/announcing.ts'
import { queueAddress } from '../queue/address.ts'
import { arnPartition } from '../trail/region.ts'

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

/** Returns the queue that announces new logs to an account; undefined if it has none. Throws `usage.queue-url`. */
export function queueOf({ sqs, role }: Pick<Account, 'sqs' | 'role'>): SharedQueue | undefined {
  if (sqs === undefined) return undefined
  const { url, region, account, name } = queueAddress(sqs.url, sqs.region)
  return { url, region, owner: account, arn: `arn:${arnPartition(role) ?? 'aws'}:sqs:${region}:${account}:${name}` }
}

/** Returns the queues of the accounts that have one, by label. Throws `usage.queue-url`. */
export function queuesOf(accounts: readonly Account[]): ReadonlyMap<string, SharedQueue> {
  return new Map(
    accounts.flatMap((account) => {
      const queue = queueOf(account)
      return queue === undefined ? [] : [[account.label, queue] as const]
    }),
  )
}
