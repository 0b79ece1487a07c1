import { CrosstrailError } from '../error.ts'
import type { BucketProtection, DeleteAnswer, DeleteItem } from '../s3/bucket-admin.ts'
import { defaultRetryPolicy } from '../s3/retry.ts'
import type { LogObject } from '../trail/log-object.ts'
import { Journal, stoppedBy } from '../work/journal.ts'
import type { Outcome } from '../work/outcome.ts'
import type { RunReport } from '../work/run-event.ts'
import { deleteInBatches } from './deleting/deletion-batches.ts'
import type { Deletion } from './deleting/deletion.ts'
import { DeletionRun } from './deleting/deletion-run.ts'
import type { DeleteHost } from './deleting/delete-host.ts'
import { DigestLedger } from './deleting/digest-ledger.ts'
import { withGoneAlready } from './deleting/gone-already.ts'
import { KeyRate } from './deleting/key-rate.ts'
import { explainLock } from './deleting/lock-reason.ts'
import { plannedDeletions, readPlan } from './deleting/plan-reader.ts'
import type { DeletePlan } from './deleting/plan-lines.ts'

export interface DeleteRequest {
  /** As it was shown. */
  readonly plan: DeletePlan
  readonly protection: BucketProtection
  readonly journalFile: string
  readonly runId: string
  /** What the journal says of the run besides its options: no secret. */
  readonly about: Readonly<Record<string, unknown>>
}

/**
 * Deletes what a plan names, logs first, then the digests whose logs have all gone. Each deletion is in the journal, on disk, before it is
 * sent. An object that is no longer the one planned is left, as a failure; one that is gone is done.
 * Throws `usage.plan-edited` where the file is not the plan that was shown, and `disk.journal`, `access.…`.
 */
export async function executeDelete(request: DeleteRequest, host: DeleteHost): Promise<RunReport> {
  const { plan, protection, runId, about } = request
  const { head } = plan
  if (readPlan(plan.file).sha256 !== plan.sha256) throw replaced(plan.file)
  const { versions, bypassGovernance } = head.options
  const deletionRun = new DeletionRun(host, head.selection)
  const journal = new Journal(request.journalFile, {
    run: runId,
    verb: 'delete',
    ...about,
    plan: plan.file,
    sha256: plan.sha256,
    selection: head.selection,
    options: { versions, bypassGovernance, versioning: protection.versioning },
  })
  const failedLogs = new DigestLedger()
  const tell = (outcome: Outcome): void => {
    journal.add(outcome)
    deletionRun.tell(outcome)
  }
  const needsMfa = versions && protection.mfaDelete
  const settle = async ({ account, object, item }: Deletion, answer: DeleteAnswer): Promise<void> => {
    if (answer.status === 'deleted') {
      const { markerVersionId } = answer
      const detail = {
        ...(item.versionId !== undefined && { versionId: item.versionId }),
        ...(markerVersionId !== undefined && { markerVersionId }),
      }
      return tell({ status: 'done', account, object, bytes: object.sizeBytes, detail })
    }
    failedLogs.remains(object)
    const { admin } = await deletionRun.bucket(account)
    const error = protection.objectLock ? await explainLock(answer.error, item, admin, host.signal) : answer.error
    tell({ status: 'failed', account, object, error })
  }
  const options = {
    send: async (account: string, items: readonly DeleteItem[]) => {
      const how = { bypassGovernance: bypassGovernance && protection.objectLock, needsMfa }
      const { answered, unanswered } = await deletionRun.send(account, items, how)
      return { answered: await withGoneAlready(answered, await deletionRun.bucket(account)), unanswered }
    },
    intend: (batch: readonly Deletion[]) => {
      for (const { account, object, item } of batch) journal.intend(account, object, item.versionId)
      journal.sync()
    },
    settle,
    rate: new KeyRate({ nowMs: () => performance.now() }),
    retry: { ...defaultRetryPolicy, maxAttempts: host.maxAttempts },
    signal: host.signal,
  }
  for (const { label } of host.accounts) {
    const groups = plan.facts.groups.filter(({ account }) => account === label)
    const sum = (of: 'deletions' | 'bytes') => groups.reduce((total, group) => total + group[of], 0)
    deletionRun.expect(label, sum('deletions'), sum('bytes'))
  }
  await deleteInBatches(plannedDeletions(plan, isLog), options)
  if (!host.signal.aborted) {
    const digests = function* (): Generator<Deletion> {
      for (const deletion of plannedDeletions(plan, (object) => !isLog(object))) {
        const { account, object } = deletion
        // Its logs were to go, and one did not.
        if (failedLogs.logsRemain(object)) tell({ status: 'skipped', account, object, reason: 'logs-remain' })
        else yield deletion
      }
    }
    await deleteInBatches(digests(), options)
  }
  const report = deletionRun.report()
  journal.close(report.total, report.interrupted, stoppedBy(report))
  return { ...report, journalFile: journal.file }
}

function isLog({ kind }: LogObject): boolean {
  return kind !== 'digest'
}

function replaced(file: string): CrosstrailError {
  return new CrosstrailError('usage.plan-edited', `the plan ${file} is not the one that was shown`, {
    hint: 'nothing was deleted; make a new plan, and find out who changed this one',
    facts: { file },
  })
}
