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
import type { DeletionCount } from './deletion-count.ts'
import { joinedReports } from './joined-reports.ts'
import { KeyRate } from './key-rate.ts'

export interface DeletionRunOptions {
  /** Its log accounts decide which account deletes which logs. */
  readonly selection: Selection
  /** Undefined for a dry run. */
  readonly journal: Journal | undefined
  readonly count: DeletionCount
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

/** Runs deletions on the engine. Each one is in the journal, on disk, before it is sent; its outcome follows. */
export class DeletionRun {
  readonly #host: Host
  readonly #access: DeletionAccess
  readonly #options: DeletionRunOptions
  readonly #rate = new KeyRate({ nowMs: () => performance.now() })
  readonly #reports: RunReport[] = []

  constructor(host: Host, access: DeletionAccess, options: DeletionRunOptions) {
    this.#host = host
    this.#access = access
    this.#options = options
  }

  /** Runs one slice for each account of the pass. Rejects for a bug. */
  async pass<J>(pass: DeletionPass<J>): Promise<RunReport> {
    const { request } = this.#access
    const { accounts } = pass
    const plan: Source<SourceSlice>['plan'] = ({ assignment: { account } }) =>
      Promise.resolve(accounts.has(account) ? [{ account }] : [])
    try {
      const report = await runSource<SourceSlice, DeletingBucket>({
        ...request,
        selection: this.#options.selection,
        named: { logAccounts: [], regions: [], kinds: [] },
        sorted: false,
        split: false,
        plan,
        openBucket: async (assignment) =>
          accounts.has(assignment.account) ? request.openBucket(assignment) : undefined,
        startWorker: (frame) =>
          this.#host.workOn(frame, {
            job: pass.job,
            source: { plan, read: pass.read(frame) },
            open: (job) => this.#action(job, pass, frame),
            listings: request.accounts.length,
            // Each account may be gathering a batch while others are in flight: with less room they could wait for one another.
            maxTasks: (request.accounts.length + callsInFlight) * mostKeysPerCall,
          }),
        listener: this.#listener,
      })
      this.#reports.push(report)
      return report
    } catch (error) {
      this.#options.journal?.abandon()
      throw this.#options.count.explain(error, request) ?? error
    }
  }

  /** Ends the journal. The report's error says what stopped the run, and how many deletions were made before. */
  end(): RunReport {
    const { journal, count } = this.#options
    const { request } = this.#access
    const joined = joinedReports(this.#reports)
    let error = joined.error && count.explain(joined.error, request)
    const report = { ...joined, error }
    try {
      journal?.close(report.total, report.interrupted, stoppedBy(report))
    } catch (failure) {
      error ??= count.explain(failure, request)
    }
    return { ...report, error, journalFile: journal?.file }
  }

  readonly #listener: RunListener = (event) => {
    const { journal } = this.#options
    if (event.type === 'outcome') journal?.add(event.outcome)
    // Each account has one slice, so this event says nothing here.
    if (event.type !== 'account-started') this.#access.request.listener(event)
  }

  #action<J>(
    job: J,
    { take, send }: DeletionPass<J>,
    { actSignal, onFatal, bucketOf }: WorkerFrame<DeletingBucket>,
  ): ObjectAction<DeletingBucket, unknown, SourceSlice> {
    const { journal, count } = this.#options
    const batches = new DeletionBatches({
      send: (account, items) => send(job, bucketOf(account), account, items),
      settle: (answer) => count.settle(answer),
      intend(batch) {
        try {
          for (const { account, object, item } of batch) journal?.intend(account, object, item.versionId)
          journal?.sync()
        } catch (error) {
          onFatal(error)
          throw interrupted(actSignal)
        }
        count.send(batch.length)
      },
      rate: this.#rate,
      retry: { ...defaultRetryPolicy, maxAttempts: this.#host.buckets.maxAttempts },
      signal: actSignal,
    })
    return {
      holdsBodies: false,
      take: take(job, batches),
      allGiven: (account) => batches.flush(account),
      close: () => Promise.resolve(),
    }
  }
}
