import type { Account } from '../config/config.ts'
import { CrosstrailError } from '../error.ts'
import { listOwnBuckets } from '../s3/sdk.ts'
import type { AccountReport, RunListener, RunReport } from '../work/run-event.ts'
import { addTallies, TallyCounter } from '../work/tally.ts'
import { accountsByLabel } from './account-labels.ts'
import type { VisibleBucket } from './services.ts'
import type { Context } from './verb-hosts.ts'

/** The buckets that the accounts' roles can see. An account that cannot get in is in the report, and told to the listener. */
export async function ownBuckets(
  context: Context,
  labels: readonly string[],
  listener: RunListener,
): Promise<{ readonly report: RunReport; readonly buckets: readonly VisibleBucket[] }> {
  const found = await Promise.all(
    accountsByLabel(context.config, labels).map((account) => bucketsOf(context, account, listener)),
  )
  const accounts = found.map(({ report }) => report)
  const report = {
    accounts,
    total: addTallies(accounts.map(({ tally }) => tally)),
    seconds: Math.max(0, ...accounts.map(({ seconds }) => seconds)),
    interrupted: context.signal.aborted,
  }
  return { report, buckets: found.flatMap(({ buckets }) => buckets) }
}

async function bucketsOf({ config, sessions, buckets, signal }: Context, account: Account, listener: RunListener) {
  const startedAt = performance.now()
  const reportWith = (error: CrosstrailError | undefined): AccountReport => ({
    account: account.label,
    tally: new TallyCounter().snapshot(),
    error,
    seconds: (performance.now() - startedAt) / 1000,
  })
  try {
    const session = await sessions.open(account, { verb: 'buckets' }, 'all', listener)
    const own = await listOwnBuckets(session, buckets.http, config.trail.region, signal)
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
