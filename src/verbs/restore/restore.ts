import { CrosstrailError, hasCode } from '../../error.ts'
import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import { Journal } from '../../work/journal.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { RunReport } from '../../work/run-event.ts'
import type { Selection } from '../../work/selection.ts'
import type { DeleteHost, DeletingBucket } from '../delete/deleting-host.ts'
import type { DeletionBatches } from '../delete/deletion-batches.ts'
import { DeletionCount } from '../delete/deletion-count.ts'
import { DeletionRun } from '../delete/deletion-run.ts'
import { chooseMarker } from '../delete/marker-choice.ts'
import type { DeleteJournal } from '../delete/read-journal.ts'
import { type FoundVersions, journalSource } from './journal-source.ts'

export interface RestoreRequest {
  /** As `readDeleteJournal` read it. */
  readonly of: DeleteJournal
  readonly dryRun: boolean
  readonly journalFile: string
  readonly runId: string
  /** What the journal says of the run besides its options: no secret. */
  readonly about: Readonly<Record<string, unknown>>
}

/** `unanswered`: of what was done, the markers that no answer had named and that were taken as the delete's. */
export interface RestoreReport extends RunReport {
  readonly unanswered: number
}

/**
 * Removes the delete markers that a delete made, so that its objects are there again: no other marker, and never an object.
 * What is there already is skipped as present. An account that has no session does not stop the others.
 * What stops all is the report's error, and says how many markers were removed before.
 * Throws `disk.journal` before the first one.
 */
export async function restore(request: RestoreRequest, host: DeleteHost): Promise<RestoreReport> {
  const { of, dryRun, runId, about } = request
  const journal = dryRun
    ? undefined
    : new Journal(request.journalFile, { run: runId, verb: 'restore', ...about, of: of.run, journalOf: of.file })
  const words = { made: 'delete markers were removed', none: 'no delete marker was removed' }
  const run = new DeletionRun(host, {
    selection: { ...everything, logAccounts: of.logAccounts },
    journal,
    count: new DeletionCount(words, journal?.file),
    send: (bucket, account, items) => sendAsking(host, bucket, account, items),
  })
  let unanswered = 0
  const take =
    (batches: DeletionBatches): ObjectAction<DeletingBucket, FoundVersions>['take'] =>
    (object, account, _bucket, found) => {
      if (found === undefined) throw new Error(`${object.key} comes without its versions`)
      const chosen = chooseMarker(found.entry, found.versions)
      if (chosen.choice === 'present') return { status: 'skipped', account, object, reason: 'present' }
      if (chosen.choice !== 'remove') {
        return { status: 'failed', account, object, error: refusals[chosen.choice](object.key) }
      }
      if (dryRun) return { status: 'skipped', account, object, reason: 'dry-run' }
      const { versionId, answered } = chosen
      return async () => {
        const answer = await batches.add({ account, object, item: { key: object.key, versionId } })
        if (answer.status === 'failed') return { status: 'failed', account, object, error: answer.error }
        if (!answered) unanswered++
        const detail = { markerVersionId: versionId, answered }
        return { status: 'done', account, object, bytes: object.sizeBytes, detail }
      }
    }
  await run.pass(new Set(of.accounts), (frame) => journalSource(of, host.trail, frame), take)
  return { ...run.end(), unanswered }
}

const everything: Selection = {
  accounts: [],
  logAccounts: [],
  regions: [],
  kinds: [],
  window: {},
  include: [],
  exclude: [],
}

/** A session that may only undelete cannot see whether the bucket has MFA Delete: it is told so when it has. */
async function sendAsking(
  host: DeleteHost,
  { admin }: DeletingBucket,
  account: string,
  items: readonly DeleteItem[],
): Promise<readonly DeleteAnswer[]> {
  try {
    return (await admin.deleteObjects(items)).answered
  } catch (error) {
    if (!hasCode(error, 'access.mfa-required')) throw error
    return (await admin.deleteObjects(items, { mfa: await host.mfa(account) })).answered
  }
}

const refusals = {
  'not-ours': (key: string) =>
    new CrosstrailError('object.not-our-marker', `${key} is hidden by a delete marker of somebody else`, {
      hint: 'find out who deleted it; its versions are still there',
    }),
  'not-a-marker': (key: string) =>
    new CrosstrailError('object.not-a-marker', `what the journal calls a delete marker of ${key} is an object`, {
      hint: 'it was left as it is; find out who changed the journal',
    }),
  gone: (key: string) =>
    new CrosstrailError('object.gone', `${key} has no version to come back to`, {
      hint: 'where versioning is suspended, a delete replaces the version it hides; look for it in the archive',
    }),
}
