import { accountsByLabel } from '../config/account-labels.ts'
import type { Account, Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { CrosstrailError } from '../error.ts'
import { queueAddress } from '../queue/address.ts'
import { readAnnouncement } from '../queue/announced.ts'
import { QueueFeed } from '../queue/queue-feed.ts'
import { openQueue } from '../queue/sqs.ts'
import type { KeySource } from '../s3/key-source.ts'
import { queueDefaults } from '../verbs/pull/options.ts'
import { AnnouncedLedger } from '../verbs/pull/queue/announced-ledger.ts'
import type { RunListener } from '../work/run-event.ts'
import { demandWhole } from './demand-sense.ts'

export interface QueuesOptions {
  /** The labels of the accounts whose queues are opened. Default: all. */
  readonly accounts?: readonly string[] | undefined
  /** The URL of one queue, instead of those of the config. The first of the accounts receives from it with its starting credentials. */
  readonly url?: string | undefined
  /** The region of the queue, if its URL does not name it. */
  readonly region?: string | undefined
  /** True: it ends when the queues give nothing more. */
  readonly drain?: boolean | undefined
  /** How long after its delivery a log may be announced, in milliseconds. Default: five minutes. */
  readonly graceMs?: number | undefined
  /** A message that was delivered more often is a finding. Default: 10. */
  readonly maxReceives?: number | undefined
}

/** Queues that are being received from. */
export interface OpenQueues {
  readonly feed: QueueFeed
  readonly ledger: AnnouncedLedger
}

interface QueueTools {
  readonly config: Config
  readonly env: Environment
  readonly maxAttempts: number | undefined
  readonly listener: RunListener
  readonly startingKeys: (account: Account) => KeySource
}

export function openQueues(options: QueuesOptions, tools: QueueTools): OpenQueues {
  const { config, env, maxAttempts, listener, startingKeys } = tools
  const { drain = false, maxReceives = queueDefaults.maxReceives, graceMs = queueDefaults.graceMs } = options
  demandWhole('maxReceives', maxReceives, [1])
  const queues = queuesOf(accountsByLabel(config, options.accounts ?? []), options).map(({ account, url, region }) => {
    const address = queueAddress(url, region)
    const keys = startingKeys(account)
    return { url, client: openQueue(address, keys, { caller: `account ${account.label}`, env, maxAttempts }) }
  })
  const onNote = (code: string, message: string) => listener({ type: 'note', level: 'warning', code, message })
  const ledger = new AnnouncedLedger(Date.now(), graceMs)
  return { feed: new QueueFeed({ queues, read: readAnnouncement, drain, maxReceives, onNote }), ledger }
}

interface AccountQueue {
  readonly account: Account
  readonly url: string
  readonly region: string | undefined
}

/** Each queue once: the first account that names it receives from it. */
function queuesOf(accounts: readonly Account[], { url, region }: QueuesOptions): AccountQueue[] {
  const [first] = accounts
  if (url !== undefined && first !== undefined) return [{ account: first, url, region }]
  const found = new Map<string, AccountQueue>()
  for (const account of accounts) {
    const { sqs } = account
    if (sqs !== undefined && !found.has(sqs.url)) found.set(sqs.url, { account, url: sqs.url, region: sqs.region })
  }
  if (found.size > 0) return [...found.values()]
  throw new CrosstrailError('usage.no-queue', 'the config names no queue for these accounts', {
    hint: 'set sqs in the config, for an account or the trail, or name the URL of the queue',
  })
}
