import { CrosstrailError } from '../../error.ts'
import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import { defaultRetryPolicy } from '../../s3/retry.ts'
import type { ObjectVersion } from '../../s3/version-page.ts'
import { regionPrefix } from '../../trail/key-prefix.ts'
import { compareKeys } from '../../trail/key-order.ts'
import { Journal, stoppedBy } from '../../work/journal.ts'
import type { Outcome } from '../../work/outcome.ts'
import type { RunReport } from '../../work/run-event.ts'
import { type DeleteJournal, type JournalEntry, journalEntries } from '../delete/read-journal.ts'
import type { DeleteHost } from '../delete/deleting-host.ts'
import { type BatchesOptions, deleteInBatches, mostKeysPerCall } from '../delete/deletion-batches.ts'
import type { Deletion } from '../delete/deletion.ts'
import { DeletionCount } from '../delete/deletion-count.ts'
import { DeletionRun } from '../delete/deletion-run.ts'
import { KeyRate } from '../delete/key-rate.ts'
import { chooseMarker } from '../delete/marker-choice.ts'
import { versionTwins } from '../delete/version-twins.ts'

export interface RestoreRequest {
  /** As `readDeleteJournal` read it. */
  readonly of: DeleteJournal
  /** Looks at versions, and removes nothing. */
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
 * What is there already is skipped as present. What stops it is the report's error, and says how many markers were removed before.
 * Throws `disk.journal` before the first one.
 */
export async function restore(request: RestoreRequest, host: DeleteHost): Promise<RestoreReport> {
  const { of, dryRun, runId, about } = request
  const run = new DeletionRun(host, { logAccounts: of.logAccounts })
  const journal = dryRun
    ? undefined
    : new Journal(request.journalFile, { run: runId, verb: 'restore', ...about, of: of.run, journalOf: of.file })
  const words = { made: 'delete markers were removed', none: 'no delete marker was removed' }
  const count = new DeletionCount(words, journal?.file)
  let unanswered = 0
  const guessed = new Set<string>()
  const tell = (outcome: Outcome): void => {
    journal?.add(outcome)
    run.tell(outcome)
  }
  const removals = async function* (): AsyncGenerator<Deletion> {
    for await (const { entry, versions } of withVersions(journalEntries(of.copy, host.trail), run, host)) {
      const { account, object } = entry
      const chosen = chooseMarker(entry, versions)
      if (chosen.choice === 'present') tell({ status: 'skipped', account, object, reason: 'present' })
      else if (chosen.choice !== 'remove') {
        tell({ status: 'failed', account, object, error: refusals[chosen.choice](object.key) })
      } else if (dryRun) tell({ status: 'skipped', account, object, reason: 'dry-run' })
      else {
        if (!chosen.answered) guessed.add(object.key)
        yield { account, object, item: { key: object.key, versionId: chosen.versionId } }
      }
    }
  }
  for (const { label } of host.accounts) run.expect(label, 0, 0)
  const options: BatchesOptions = {
    send: (account: string, items: readonly DeleteItem[]) => sendAsking(run, account, items),
    intend: (batch) => {
      for (const { account, object, item } of batch) journal?.intend(account, object, item.versionId)
      journal?.sync()
      count.send(batch.length)
    },
    settle: ({ account, object, item }: Deletion, answer: DeleteAnswer) => {
      count.settle(answer)
      const isGuessed = guessed.delete(object.key)
      if (answer.status === 'failed') return tell({ status: 'failed', account, object, error: answer.error })
      if (isGuessed) unanswered++
      const detail = { markerVersionId: item.versionId ?? '', answered: !isGuessed }
      tell({ status: 'done', account, object, bytes: object.sizeBytes, detail })
    },
    rate: new KeyRate({ nowMs: () => performance.now() }),
    retry: { ...defaultRetryPolicy, maxAttempts: host.maxAttempts },
    signal: host.signal,
  }
  let error: CrosstrailError | undefined
  try {
    await deleteInBatches(removals(), options)
  } catch (failure) {
    journal?.abandon()
    error = count.explain(failure, host)
  }
  const report = { ...run.report(), error }
  try {
    journal?.close(report.total, report.interrupted, stoppedBy(report))
  } catch (failure) {
    error ??= count.explain(failure, host)
  }
  return { ...report, error, journalFile: journal?.file, unanswered }
}

/** A session that may only undelete cannot see whether the bucket has MFA Delete: it is told so when it has. */
async function sendAsking(run: DeletionRun, account: string, items: readonly DeleteItem[]) {
  try {
    return await run.send(account, items, { bypassGovernance: false, needsMfa: false })
  } catch (error) {
    if (!(error instanceof CrosstrailError) || error.code !== 'access.mfa-required') throw error
    return run.send(account, items, { bypassGovernance: false, needsMfa: true })
  }
}

interface WithVersions {
  readonly entry: JournalEntry
  readonly versions: readonly ObjectVersion[] | undefined
}

/** Entries with the versions of their keys, by walks over the listing of versions: a thousand entries at a time. */
async function* withVersions(
  entries: Iterable<JournalEntry>,
  run: DeletionRun,
  host: DeleteHost,
): AsyncGenerator<WithVersions> {
  let chunk: JournalEntry[] = []
  for (const entry of entries) {
    if (host.signal.aborted) return
    chunk.push(entry)
    if (chunk.length < mostKeysPerCall) continue
    yield* lookedUp(chunk, run, host)
    chunk = []
  }
  yield* lookedUp(chunk, run, host)
}

async function* lookedUp(
  chunk: readonly JournalEntry[],
  run: DeletionRun,
  { trail, signal }: DeleteHost,
): AsyncGenerator<WithVersions> {
  const places = new Map<string, JournalEntry[]>()
  for (const entry of chunk) {
    const { logAccount, kind, region } = entry.object
    const name = `${entry.account}\n${regionPrefix(trail, logAccount, kind, region)}`
    const place = places.get(name)
    if (place === undefined) places.set(name, [entry])
    else place.push(entry)
  }
  for (const [name, entries] of places) {
    const [account = '', prefix = ''] = name.split('\n')
    const { admin } = await run.bucket(account)
    const sorted = entries.toSorted((a, b) => compareKeys(a.object.key, b.object.key))
    const found = await versionTwins(admin, prefix, signal)
      .of(sorted.map(({ object }) => object.key))
      .catch(unlessInterrupted)
    if (found === undefined) return
    for (const entry of sorted) yield { entry, versions: found.get(entry.object.key) }
  }
}

function unlessInterrupted(error: unknown): undefined {
  if (!(error instanceof CrosstrailError) || error.code !== 'interrupted') throw error
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
