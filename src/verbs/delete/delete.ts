import type { CrosstrailError } from '../../error.ts'
import type { BucketProtection } from '../../s3/bucket-admin.ts'
import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import { defaultRetryPolicy } from '../../s3/retry.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { Journal, stoppedBy } from '../../work/journal.ts'
import type { Outcome } from '../../work/outcome.ts'
import type { RunReport } from '../../work/run-event.ts'
import { deleteInBatches } from './deletion-batches.ts'
import type { Deletion } from './deletion.ts'
import { DeletionCount } from './deletion-count.ts'
import { DeletionRun } from './deletion-run.ts'
import type { DeleteHost } from './deleting-host.ts'
import { DigestLedger } from './digest-ledger.ts'
import { withGoneAlready } from './gone-already.ts'
import { KeyRate } from './key-rate.ts'
import { explainLock } from './lock-reason.ts'
import type { DeletePlan } from './plan-lines.ts'
import { plannedDeletions } from './plan-reader.ts'
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
 * sent. An object that is no longer the one planned is left, as a failure; one that is gone is done.
 * What stops it is the report's error, and says how many deletions were made before. Throws `disk.journal` before the first one.
 */
export async function executeDelete(request: DeleteRequest, host: DeleteHost): Promise<RunReport> {
  const { plan, copy, protection, runId, about } = request
  const { head } = plan
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
  const count = new DeletionCount({ made: 'deletions were made', none: 'nothing was deleted' }, journal.file)
  const failedLogs = new DigestLedger()
  const tell = (outcome: Outcome): void => {
    journal.add(outcome)
    deletionRun.tell(outcome)
  }
  const needsMfa = versions && protection.mfaDelete
  const settle = async ({ account, object, item }: Deletion, answer: DeleteAnswer): Promise<void> => {
    count.settle(answer)
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
      count.send(batch.length)
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
  const digests = function* (): Generator<Deletion> {
    for (const deletion of plannedDeletions(plan, copy, (object) => !isLog(object))) {
      const { account, object } = deletion
      // Its logs were to go, and one did not.
      if (failedLogs.logsRemain(object)) tell({ status: 'skipped', account, object, reason: 'logs-remain' })
      else yield deletion
    }
  }
  let error: CrosstrailError | undefined
  try {
    await deleteInBatches(plannedDeletions(plan, copy, isLog), options)
    if (!host.signal.aborted) await deleteInBatches(digests(), options)
  } catch (failure) {
    journal.abandon()
    error = count.explain(failure, host)
  }
  const report = { ...deletionRun.report(), error }
  try {
    journal.close(report.total, report.interrupted, stoppedBy(report))
  } catch (failure) {
    error ??= count.explain(failure, host)
  }
  return { ...report, error, journalFile: journal.file }
}

function isLog({ kind }: LogObject): boolean {
  return kind !== 'digest'
}
