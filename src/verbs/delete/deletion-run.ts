import type { CrosstrailError } from '../../error.ts'
import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import { interrupted } from '../../s3/interrupted.ts'
import { defaultRetryPolicy } from '../../s3/retry.ts'
import { sourceWorker } from '../../work/inline-worker.ts'
import { type Journal, stoppedBy } from '../../work/journal.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import { runSource, type WorkerFrame } from '../../work/run.ts'
import type { Selection } from '../../work/selection.ts'
import type { Source, SourceSlice } from '../../work/source.ts'
import type { DeleteHost, DeletingBucket } from './deleting-host.ts'
import { callsInFlight, DeletionBatches, mostKeysPerCall } from './deletion-batches.ts'
import type { DeletionCount } from './deletion-count.ts'
import { joinedReports } from './joined-reports.ts'
import { KeyRate } from './key-rate.ts'

export interface DeletionRunOptions {
  /** The log accounts are shared out by it. */
  readonly selection: Selection
  /** Undefined for a dry run. */
  readonly journal: Journal | undefined
  readonly count: DeletionCount
  /** One attempt. Throws for a call that failed as a whole. */
  readonly send: (
    bucket: DeletingBucket,
    account: string,
    items: readonly DeleteItem[],
  ) => Promise<readonly DeleteAnswer[]>
  /** Looks up why an item was refused. */
  readonly explain?: (bucket: DeletingBucket, item: DeleteItem, error: CrosstrailError) => Promise<CrosstrailError>
}

/** Runs deletions on the engine. Each is in the journal, on disk, before it is sent; what became of it follows. */
export class DeletionRun {
  readonly #host: DeleteHost
  readonly #options: DeletionRunOptions
  readonly #rate = new KeyRate({ nowMs: () => performance.now() })
  readonly #reports: RunReport[] = []

  constructor(host: DeleteHost, options: DeletionRunOptions) {
    this.#host = host
    this.#options = options
  }

  /** Runs deletions that may go side by side, a slice for each of the accounts: the others need no session. Rejects for a bug. */
  async pass(
    accounts: ReadonlySet<string>,
    read: (frame: WorkerFrame<DeletingBucket>) => Source<SourceSlice>['read'],
    take: (batches: DeletionBatches) => ObjectAction<DeletingBucket>['take'],
  ): Promise<RunReport> {
    const { trail, accounts: all, signal } = this.#host
    const plan: Source<SourceSlice>['plan'] = ({ assignment: { account } }) =>
      Promise.resolve(accounts.has(account) ? [{ account }] : [])
    try {
      const report = await runSource<SourceSlice, DeletingBucket>({
        layout: trail,
        accounts: all,
        selection: this.#options.selection,
        named: { logAccounts: [], regions: [], kinds: [] },
        sorted: false,
        split: false,
        plan,
        openBucket: async (assignment) => (accounts.has(assignment.account) ? this.#host.open(assignment) : undefined),
        startWorker: (frame) => {
          const batches = this.#batches(frame)
          return sourceWorker<DeletingBucket, SourceSlice>({
            ...frame,
            source: { plan, read: read(frame) },
            action: {
              holdsBodies: false,
              take: take(batches),
              allGiven: (account) => batches.flush(account),
              close: () => Promise.resolve(),
            },
            listings: all.length,
            // Each account may be gathering a batch while others are in flight: with less room they could wait for one another.
            maxTasks: (all.length + callsInFlight) * mostKeysPerCall,
          })
        },
        listener: this.#listener,
        signal,
      })
      this.#reports.push(report)
      return report
    } catch (error) {
      this.#options.journal?.abandon()
      throw this.#options.count.explain(error, this.#host) ?? error
    }
  }

  /** Ends the journal. What stopped the run is the report's error, and says what was done before. */
  end(): RunReport {
    const { journal, count } = this.#options
    const joined = joinedReports(this.#reports)
    let error = joined.error && count.explain(joined.error, this.#host)
    const report = { ...joined, error }
    try {
      journal?.close(report.total, report.interrupted, stoppedBy(report))
    } catch (failure) {
      error ??= count.explain(failure, this.#host)
    }
    return { ...report, error, journalFile: journal?.file }
  }

  readonly #listener: RunListener = (event) => {
    const { journal } = this.#options
    if (event.type === 'outcome') journal?.add(event.outcome)
    // Slices say nothing here: each account has one.
    if (event.type !== 'account-started') this.#host.listener(event)
  }

  #batches({ actSignal, onFatal, bucketOf }: WorkerFrame<DeletingBucket>): DeletionBatches {
    const { journal, count, send, explain } = this.#options
    return new DeletionBatches({
      send: (account, items) => send(bucketOf(account), account, items),
      async settle({ account, item }, answer) {
        count.settle(answer)
        if (answer.status === 'deleted' || explain === undefined) return answer
        return { ...answer, error: await explain(bucketOf(account), item, answer.error) }
      },
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
      retry: { ...defaultRetryPolicy, maxAttempts: this.#host.maxAttempts },
      signal: actSignal,
    })
  }
}
