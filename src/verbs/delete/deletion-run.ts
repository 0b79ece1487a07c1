import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import { interrupted } from '../../s3/interrupted.ts'
import { defaultRetryPolicy } from '../../s3/retry.ts'
import { type Journal, stoppedBy } from '../../work/journal.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import { runSource, type WorkerFrame } from '../../work/run.ts'
import type { Selection } from '../../work/selection.ts'
import type { Source, SourceSlice } from '../../work/source.ts'
import type { Host } from '../host.ts'
import type { DeletingBucket, DeletionAccess } from './deletion-access.ts'
import { callsInFlight, DeletionBatches, mostKeysPerCall } from './deletion-batches.ts'
import { DeletionCount, type DeletionWords } from './deletion-count.ts'
import { joinedReports } from './joined-reports.ts'
import { KeyRate } from './key-rate.ts'

export interface DeletionRunOptions {
  /** Its log accounts decide which account deletes which logs. */
  readonly selection: Selection
  /** Undefined for a dry run. */
  readonly journal: Journal | undefined
  readonly words: DeletionWords
}

/** Deletions that may be made side by side. */
export interface DeletionPass<J> {
  /** The accounts that take part. The others need no session. */
  readonly accounts: ReadonlySet<string>
  readonly read: (frame: WorkerFrame<DeletingBucket>) => Source<SourceSlice>['read']
  /** Plain data. */
  readonly job: J
  readonly take: (job: J, batches: DeletionBatches) => ObjectAction<DeletingBucket>['take']
  /** Makes one attempt. Throws if the call fails as a whole. */
  readonly send: (
    job: J,
    bucket: DeletingBucket,
    account: string,
    items: readonly DeleteItem[],
  ) => Promise<readonly DeleteAnswer[]>
}

/**
 * Runs deletions on the engine, and ends the journal. Each one is in the journal, on disk, before it is sent; its outcome follows.
 * `makePasses` runs one pass after the other. The report's error says what stopped the run, and how many deletions were made before.
 * Rejects for a bug.
 */
export async function runDeletions(
  host: Host,
  { request }: DeletionAccess,
  { selection, journal, words }: DeletionRunOptions,
  makePasses: (makePass: <J>(pass: DeletionPass<J>) => Promise<RunReport>) => Promise<unknown>,
): Promise<RunReport> {
  const count = new DeletionCount(words, journal?.file)
  const rate = new KeyRate({ nowMs: () => performance.now() })
  const reports: RunReport[] = []
  const listener: RunListener = (event) => {
    if (event.type === 'outcome') journal?.add(event.outcome)
    // Each account has one slice, so this event says nothing here.
    if (event.type !== 'account-started') request.listener(event)
  }
  const batchesOf = <J>(job: J, { send }: DeletionPass<J>, frame: WorkerFrame<DeletingBucket>): DeletionBatches =>
    new DeletionBatches({
      send: (account, items) => send(job, frame.bucketOf(account), account, items),
      settle: (answer) => count.settle(answer),
      intend(batch) {
        try {
          for (const { account, object, item } of batch) journal?.intend(account, object, item.versionId)
          journal?.sync()
        } catch (error) {
          frame.onFatal(error)
          throw interrupted(frame.actSignal)
        }
        count.send(batch.length)
      },
      rate,
      retry: { ...defaultRetryPolicy, maxAttempts: host.buckets.maxAttempts },
      signal: frame.actSignal,
    })
  const makePass = async <J>(pass: DeletionPass<J>): Promise<RunReport> => {
    const { accounts, job, read, take } = pass
    const plan: Source<SourceSlice>['plan'] = ({ assignment: { account } }) =>
      Promise.resolve(accounts.has(account) ? [{ account }] : [])
    const report = await runSource<SourceSlice, DeletingBucket>({
      ...request,
      selection,
      named: { logAccounts: [], regions: [], kinds: [] },
      sorted: false,
      split: false,
      plan,
      openBucket: async (assignment) => (accounts.has(assignment.account) ? request.openBucket(assignment) : undefined),
      startWorker: (frame) =>
        host.workOn(frame, {
          job,
          source: { plan, read: read(frame) },
          open(carried) {
            const batches = batchesOf(carried, pass, frame)
            return {
              holdsBodies: false,
              take: take(carried, batches),
              allGiven: (account) => batches.flush(account),
              close: () => Promise.resolve(),
            }
          },
          listings: request.accounts.length,
          // Each account may be gathering a batch while others are in flight: with less room they could wait for one another.
          maxTasks: (request.accounts.length + callsInFlight) * mostKeysPerCall,
        }),
      listener,
    })
    reports.push(report)
    return report
  }
  try {
    await makePasses(makePass)
  } catch (error) {
    journal?.abandon()
    throw count.explain(error, request) ?? error
  }
  const joined = joinedReports(reports)
  let error = joined.error && count.explain(joined.error, request)
  const report = { ...joined, error }
  try {
    journal?.close(report.total, report.interrupted, stoppedBy(report))
  } catch (failure) {
    error ??= count.explain(failure, request)
  }
  return { ...report, error, journalFile: journal?.file }
}
