import { accountsByLabel } from '../../config/account-labels.ts'
import type { Account } from '../../config/config.ts'
import { CrosstrailError } from '../../error.ts'
import { listOwnBuckets } from '../../s3/sdk.ts'
import type { AccountReport, RunReport } from '../../work/run-event.ts'
import { addTallies, TallyCounter } from '../../work/tally.ts'
import type { Host } from '../host.ts'

export interface VisibleBucket {
  readonly account: string
  readonly name: string
  readonly createdMs?: number | undefined
  readonly region?: string | undefined
}

/** Lists the buckets that the accounts' roles can see. If an account fails, the report has its error, and the listener gets an event. */
export async function ownBuckets(
  labels: readonly string[],
  host: Host,
): Promise<{ readonly report: RunReport; readonly buckets: readonly VisibleBucket[] }> {
  const found = await Promise.all(accountsByLabel(host.config, labels).map((account) => bucketsOf(account, host)))
  const accounts = found.map(({ report }) => report)
  const report = {
    accounts,
    total: addTallies(accounts.map(({ tally }) => tally)),
    seconds: Math.max(0, ...accounts.map(({ seconds }) => seconds)),
    interrupted: host.signal.aborted,
  }
  return { report, buckets: found.flatMap(({ buckets }) => buckets) }
}

async function bucketsOf(account: Account, { config, session, buckets, rights, signal, listener }: Host) {
  const startedAt = performance.now()
  const reportWith = (error: CrosstrailError | undefined): AccountReport => ({
    account: account.label,
    tally: new TallyCounter().snapshot(),
    error,
    seconds: (performance.now() - startedAt) / 1000,
  })
  try {
    const keys = await session(account, rights, 'all')
    const own = await listOwnBuckets(keys, buckets.http, config.trail.region, signal)
    const visible = own.map(({ name, createdAt, region }): VisibleBucket => {
      const createdMs = createdAt === undefined ? undefined : Date.parse(createdAt)
      return { account: account.label, name, createdMs, region }
    })
    return { report: reportWith(undefined), buckets: visible }
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    if (signal.aborted && error.code === 'interrupted') return { report: reportWith(undefined), buckets: [] }
    listener({ type: 'account-failed', account: account.label, error })
    return { report: reportWith(error), buckets: [] }
  }
}
