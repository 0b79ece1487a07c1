import type { BucketProtection } from '../../s3/bucket-admin.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { Journal } from '../../work/journal.ts'
import type { RunReport } from '../../work/run-event.ts'
import { deletingAction } from './deleting-action.ts'
import type { DeleteHost } from './deleting-host.ts'
import { DeletionCount } from './deletion-count.ts'
import { DeletionRun } from './deletion-run.ts'
import { DigestLedger } from './digest-ledger.ts'
import { withGoneAlready } from './gone-already.ts'
import { explainLock } from './lock-reason.ts'
import type { PlanGroup } from './plan-facts.ts'
import type { DeletePlan } from './plan-lines.ts'
import { planSource } from './plan-source.ts'
import type { SourceCopy } from './source-copy.ts'

export interface DeleteRequest {
  /** As it was shown. */
  readonly plan: DeletePlan
  /** What it was read from, or what `copyOfShown` gave: the file itself is not read again. */
  readonly copy: SourceCopy
  readonly protection: BucketProtection
  readonly journalFile: string
  readonly runId: string
  /** What the journal says of the run besides its options: no secret. */
  readonly about: Readonly<Record<string, unknown>>
}

/**
 * Deletes what a plan names, logs first, then the digests whose logs have all gone. Each deletion is in the journal, on disk, before it is
 * sent. An object that is no longer the one planned is left, as a failure; one that is gone is done. An account that has no session does not
 * stop the others. What stops all is the report's error, and says how many deletions were made before. Throws `disk.journal` before the first one.
 */
export async function executeDelete(request: DeleteRequest, host: DeleteHost): Promise<RunReport> {
  const { plan, copy, protection, runId, about } = request
  const { selection, options } = plan.head
  const { versions, bypassGovernance } = options
  const journal = new Journal(request.journalFile, {
    run: runId,
    verb: 'delete',
    ...about,
    plan: plan.file,
    sha256: plan.sha256,
    selection,
    options: { versions, bypassGovernance, versioning: protection.versioning },
  })
  const words = { made: 'deletions were made', none: 'nothing was deleted' }
  const needsMfa = versions && protection.mfaDelete
  const run = new DeletionRun(host, {
    selection,
    journal,
    count: new DeletionCount(words, journal.file),
    async send(bucket, account, items) {
      const mfa = needsMfa ? await host.mfa(account) : undefined
      const how = { bypassGovernance: bypassGovernance && protection.objectLock, mfa }
      return withGoneAlready((await bucket.admin.deleteObjects(items, how)).answered, bucket)
    },
    ...(protection.objectLock && {
      explain: ({ admin }, item, error) => explainLock(error, item, admin, host.signal),
    }),
  })
  tellTotals(plan, host)
  const failedLogs = new DigestLedger()
  const pass = (accounts: ReadonlySet<string>, takes: (object: LogObject) => boolean) =>
    run.pass(
      accounts,
      ({ signal }) => planSource(plan, copy, takes, signal),
      (batches) => deletingAction(batches, failedLogs),
    )
  const { groups } = plan.facts
  const logs = await pass(accountsOf(groups.filter(isLog)), isLog)
  const stopped = new Set(logs.accounts.flatMap(({ account, error }) => (error === undefined ? [] : [account])))
  // Their logs remain, whoever deletes the digests.
  for (const { month, ...place } of groups) {
    if (stopped.has(place.account)) failedLogs.remains({ ...place, deliveredAtMs: Date.parse(month) })
  }
  const digests = groups.filter((group) => !isLog(group) && !stopped.has(group.account))
  if (digests.length > 0 && !logs.interrupted && logs.error === undefined) {
    await pass(accountsOf(digests), (object) => !isLog(object))
  }
  return run.end()
}

function isLog({ kind }: Pick<LogObject, 'kind'>): boolean {
  return kind !== 'digest'
}

function accountsOf(groups: readonly PlanGroup[]): ReadonlySet<string> {
  return new Set(groups.map(({ account }) => account))
}

/** The plan says how much is to come. */
function tellTotals({ facts }: DeletePlan, { accounts, listener }: DeleteHost): void {
  for (const { label: account } of accounts) {
    const groups = facts.groups.filter((group) => group.account === account)
    const sum = (of: 'deletions' | 'bytes') => groups.reduce((total, group) => total + group[of], 0)
    listener({ type: 'listed', account, objects: sum('deletions'), bytes: sum('bytes') })
    listener({ type: 'listing-finished', account })
  }
}
