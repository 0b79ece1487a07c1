import { join } from 'node:path'
import { CrosstrailError, hasCode } from '../../error.ts'
import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import { Journal } from '../../work/journal.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { RunReport } from '../../work/run-event.ts'
import { everything } from '../../work/selection.ts'
import { accessDeletion, type DeletingBucket, type DeletionAccess } from '../delete/deletion-access.ts'
import type { DeletionBatches } from '../delete/deletion-batches.ts'
import { runDeletions } from '../delete/deletion-run.ts'
import type { Host } from '../host.ts'
import { journalFolder } from '../journal-folder.ts'
import { runHead } from '../run-head.ts'
import { type FoundVersions, journalSource } from './journal-source.ts'
import { chooseMarker } from './marker-choice.ts'
import type { RestoreOptions } from './options.ts'

/** `unanswered`: markers that were removed although no answer had named them, because they must be the delete's. */
export interface RestoreReport extends RunReport {
  readonly unanswered: number
}

/** Plain data: what is done with the objects of a journal. */
interface RestoreJob {
  readonly verb: 'restore'
  readonly dryRun: boolean
}

/**
 * An object that is there already is skipped as present. An account without a session does not stop the others. If something stops all of
 * them, the report's error says so, with the number of markers removed before.
 */
export async function removeMarkers(options: RestoreOptions, host: Host): Promise<RestoreReport> {
  const { journal: of, dryRun, journalDir } = options
  const { runId, about } = runHead(host)
  const access = accessDeletion(host, of)
  const file = join(journalFolder(journalDir, host.env), `restore-${runId}.ndjson`)
  const head = { run: runId, verb: 'restore', ...about, of: of.run, journalOf: of.file }
  const journal = dryRun ? undefined : new Journal(file, head)
  const words = { made: 'delete markers were removed', none: 'no delete marker was removed' }
  let unanswered = 0
  const take =
    (job: RestoreJob, batches: DeletionBatches): ObjectAction<DeletingBucket, FoundVersions>['take'] =>
    (object, account, _bucket, found) => {
      if (found === undefined) throw new Error(`${object.key} comes without its versions`)
      const chosen = chooseMarker(found.entry, found.versions)
      if (chosen.choice === 'present') return { status: 'skipped', account, object, reason: 'present' }
      if (chosen.choice !== 'remove') {
        return { status: 'failed', account, object, error: refusals[chosen.choice](object.key) }
      }
      if (job.dryRun) return { status: 'skipped', account, object, reason: 'dry-run' }
      const { versionId, answered } = chosen
      return async () => {
        const answer = await batches.add({ account, object, item: { key: object.key, versionId } })
        if (answer.status === 'failed') return { status: 'failed', account, object, error: answer.error }
        if (!answered) unanswered++
        const detail = { markerVersionId: versionId, answered }
        return { status: 'done', account, object, bytes: object.sizeBytes, detail }
      }
    }
  const selection = { ...everything, logAccounts: of.logAccounts }
  const report = await runDeletions(host, access, { selection, journal, words }, (makePass) =>
    makePass<RestoreJob>({
      accounts: new Set(of.accounts),
      read: (frame) => journalSource(of, host.config.trail, frame),
      job: { verb: 'restore', dryRun },
      take,
      send: (_job, bucket, account, items) => sendAsking(access, bucket, account, items),
    }),
  )
  return { ...report, unanswered }
}

/** A session that may only remove markers cannot read whether the bucket has MFA Delete. S3 refuses a call without a code if it has. */
async function sendAsking(
  { mfa }: DeletionAccess,
  { admin }: DeletingBucket,
  account: string,
  items: readonly DeleteItem[],
): Promise<readonly DeleteAnswer[]> {
  try {
    return (await admin.deleteObjects(items)).answered
  } catch (error) {
    if (!hasCode(error, 'access.mfa-required')) throw error
    return (await admin.deleteObjects(items, { mfa: await mfa(account) })).answered
  }
}

const refusals = {
  'not-ours': (key: string) =>
    new CrosstrailError('object.not-our-marker', `another delete added the delete marker of ${key}`, {
      hint: 'find out who deleted it; its versions still exist',
    }),
  'not-a-marker': (key: string) =>
    new CrosstrailError('object.not-a-marker', `the journal names a delete marker of ${key}, but it is an object`, {
      hint: 'nothing was changed; find out who changed the journal',
    }),
  gone: (key: string) =>
    new CrosstrailError('object.gone', `${key} has no version that could be restored`, {
      hint: 'if versioning is suspended, a delete replaces the newest version; look for the object in the archive',
    }),
}
