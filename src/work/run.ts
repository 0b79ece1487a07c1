import { setMaxListeners } from 'node:events'
import { CrosstrailError } from '../error.ts'
import { compareKeys } from '../trail/key-order.ts'
import type { AccountId } from '../trail/account-id.ts'
import type { Slice } from '../trail/slice.ts'
import type { TrailLayout } from '../trail/trail.ts'
import { type Assignment, assignLogAccounts, type ReadingAccount } from './assignment.ts'
import { type Listing, type PlanRequest, planSlices } from './plan.ts'
import type { AccountReport, MissingName, RunListener, RunReport } from './run-event.ts'
import { missingNote, type Names, NamedPlaces } from './named-places.ts'
import { Scheduler } from './scheduler.ts'
import type { Selection } from './selection.ts'
import { Hunger, type SliceWorker } from './slice-worker.ts'
import type { Source, SourceSlice } from './source.ts'
import { addTallies, TallyCounter } from './tally.ts'

/** What the run gives to a worker. */
export interface WorkerFrame<B = Listing> {
  /** Returns what was opened for an account whose slices were planned. */
  readonly bucketOf: (account: string) => B
  readonly hunger: Hunger
  readonly listener: RunListener
  /** Aborted: list no more, take no more. */
  readonly signal: AbortSignal
  /** Aborted: also give up what waits for a retry. A limit that is reached does not abort it. */
  readonly actSignal: AbortSignal
  readonly onFatal: (error: unknown) => void
  readonly onLimit: () => void
}

export interface SourceRunRequest<S extends SourceSlice, B extends Listing> {
  readonly layout: TrailLayout
  readonly accounts: readonly ReadingAccount[]
  readonly selection: Selection
  /** The names that the user gave, if they differ from the selection's. */
  readonly named?: Names | undefined
  /** List one slice after the other, in key order. */
  readonly sorted: boolean
  /** False keeps each slice in one listing. */
  readonly split?: boolean | undefined
  readonly plan: Source<S>['plan']
  /** Opens the account's session and bucket, if it needs one. Rejects with the reason if it cannot. */
  readonly openBucket: (assignment: Assignment) => Promise<B | undefined>
  readonly startWorker: (frame: WorkerFrame<B>) => SliceWorker<S>
  readonly listener: RunListener
  readonly signal: AbortSignal
}

/** A run over the listings of a bucket. */
export interface RunRequest<B extends Listing = Listing> extends Omit<SourceRunRequest<Slice, B>, 'plan'> {
  /** Plans an account's slices, if the selection's window is not the same for all. */
  readonly plan?: Source['plan'] | undefined
}

/** Runs over listings of a bucket. Rejects as `runSource`, and with `usage.unread-log-account`. */
export function run<B extends Listing>(request: RunRequest<B>): Promise<RunReport> {
  return runInBucket({ ...request, plan: request.plan ?? planSlices })
}

/** Runs over another source of a bucket's objects. Rejects as `run`. */
export async function runInBucket<B extends Listing, S extends SourceSlice>(
  request: SourceRunRequest<S, B>,
): Promise<RunReport> {
  refuseUnread(request)
  return runSource({
    ...request,
    openBucket: async (assignment) => (hasWork(assignment) ? request.openBucket(assignment) : undefined),
  })
}

/**
 * Plans, reads and acts, for all accounts at once. An account that fails does not stop the others; errors such as a full disk stop all.
 * Rejects only for a bug, if the worker cannot start, and with `usage.unknown-region`.
 */
export async function runSource<S extends SourceSlice, B extends Listing>(
  request: SourceRunRequest<S, B>,
): Promise<RunReport> {
  const startedAt = performance.now()
  const accounts = new Map(request.accounts.map(({ label }) => [label, new AccountRun()]))
  const failed = new AbortController()
  const limited = new AbortController()
  const actSignal = AbortSignal.any([request.signal, failed.signal])
  const signal = AbortSignal.any([actSignal, limited.signal])
  // Every call under way listens to them, and there are hundreds.
  setMaxListeners(0, signal, actSignal)
  let fatal: unknown
  const hunger = new Hunger()
  const listener: RunListener = (event) => {
    try {
      if (event.type === 'outcome') {
        accounts.get(event.outcome.account)?.tally.add(event.outcome)
        places.found(event.outcome.object)
      }
      request.listener(event)
    } catch (error) {
      // For example, a journal on a full disk: the run must not do what it cannot record.
      frame.onFatal(error)
    }
  }
  const fail = (account: string, error: unknown, logAccount?: AccountId): void => {
    if (isInterruption(error, signal)) return
    if (!(error instanceof CrosstrailError) || endsAll(error)) return frame.onFatal(error)
    const accountRun = accounts.get(account)
    if (accountRun === undefined) return
    accountRun.unlisted++
    // A denied listing is denied for the log account's other folders too, so they are dropped without a report for
    // each.
    if (logAccount !== undefined && error.code.startsWith('access.')) {
      accountRun.unlisted += scheduler.drop(account, logAccount)
    }
    if (accountRun.error === undefined) {
      accountRun.error = error
      listener({ type: 'account-failed', account, error })
    } else {
      listener({ type: 'note', level: 'warning', code: error.code, message: error.message, account })
    }
  }
  const buckets = new Map<string, B>()
  const frame: WorkerFrame<B> = {
    bucketOf(account) {
      const bucket = buckets.get(account)
      if (bucket === undefined) throw new Error(`the bucket of ${account} is not open`)
      return bucket
    },
    hunger,
    listener,
    signal,
    actSignal,
    onFatal: (error) => {
      fatal ??= error
      failed.abort()
    },
    onLimit: () => limited.abort(),
  }
  let missing: readonly MissingName[] = []
  /** True if everything that should have been listed so far was listed. */
  const isWhole = () => !actSignal.aborted && [...accounts.values()].every(({ error }) => error === undefined)
  const places = new NamedPlaces(namesToFind(request), {
    signal: actSignal,
    onFailed: (slice, error) => fail(slice.account, error),
  })
  const worker = request.startWorker(frame)
  const scheduler = new Scheduler({
    worker,
    hunger,
    split: request.split ?? !request.sorted,
    onSliceFailed: (slice, error) => fail(slice.account, error, slice.logAccount),
    onListed: (account) => {
      if (!request.sorted) listener({ type: 'listing-finished', account })
    },
  })
  const plan = async (assignment: Assignment): Promise<S[]> => {
    try {
      const unusable = request.accounts.find(({ label }) => label === assignment.account)?.unusable
      if (unusable !== undefined) throw unusable
      const opened = await request.openBucket(assignment)
      if (opened !== undefined) buckets.set(assignment.account, opened)
      const bucket = opened ?? nothing
      const onFailed = (logAccount: AccountId, error: unknown): void => fail(assignment.account, error, logAccount)
      const onFound: PlanRequest['onFound'] = (place) => places.found(place)
      const planning = { ...request, assignment, bucket, listener, onFailed, onFound, signal }
      const slices = await request.plan(planning)
      places.planned(slices, bucket)
      const logAccounts = new Set(slices.map((slice) => slice.logAccount)).size
      listener({ type: 'account-started', account: assignment.account, logAccounts, slices: slices.length })
      return slices
    } catch (error) {
      fail(assignment.account, error)
      return []
    }
  }
  try {
    const assignments = assignLogAccounts(request.accounts, request.selection.logAccounts)
    const plans = assignments.map((assignment) => ({ account: assignment.account, slices: plan(assignment) }))
    const planned = Promise.all(plans.map(({ slices }) => slices))
    const unknownRegions = await places.unknownRegions()
    if (unknownRegions.length > 0) {
      // Nothing is done until the bucket shows whether it has these regions.
      await planned
      for (const region of unknownRegions) if (isWhole()) listener(await places.judgeUnknown(region))
    }
    if (request.sorted) {
      const slices = (await planned).flat()
      slices.sort((a, b) => compareKeys(a.prefix ?? '', b.prefix ?? ''))
      for (const slice of slices) await scheduler.run(slice.account, [slice])
      for (const { account } of assignments) {
        accounts.get(account)?.finish()
        listener({ type: 'listing-finished', account })
      }
    } else {
      await Promise.all(
        plans.map(async ({ account, slices }) => {
          await scheduler.run(account, await slices)
          accounts.get(account)?.finish()
        }),
      )
    }
    if (isWhole()) missing = await places.missing()
    for (const name of missing) listener(missingNote(name))
  } finally {
    await worker.close()
  }
  if (fatal !== undefined && !(fatal instanceof CrosstrailError)) throw fatal
  const reports = [...accounts].map(([label, accountRun]) => accountRun.report(label))
  return {
    accounts: reports,
    total: addTallies(reports.map((report) => report.tally)),
    seconds: (performance.now() - startedAt) / 1000,
    interrupted: request.signal.aborted,
    error: fatal instanceof CrosstrailError ? fatal : undefined,
    missing,
  }
}

/** An account needs no session if other accounts read all its log accounts. */
function hasWork(assignment: Assignment): boolean {
  return !('logAccounts' in assignment) || assignment.logAccounts.length > 0
}

const nothing: Listing = {
  listPage: () => Promise.reject(new Error('an account without log accounts lists nothing')),
}

/** The machine that planned a piece has looked for the names. */
function namesToFind({ named, selection }: Pick<SourceRunRequest<SourceSlice, Listing>, 'named' | 'selection'>): Names {
  return named ?? (selection.piece === undefined ? selection : { logAccounts: [], regions: [], kinds: [] })
}

class AccountRun {
  readonly tally = new TallyCounter()
  readonly #startedAt = performance.now()
  #seconds = 0
  error: CrosstrailError | undefined
  unlisted = 0

  finish(): void {
    this.#seconds = (performance.now() - this.#startedAt) / 1000
  }

  report(account: string): AccountReport {
    const { error, unlisted } = this
    return { account, tally: this.tally.snapshot(), error, unlisted, seconds: this.#seconds }
  }
}

/** An empty result for a log account that no account reads would look right. */
function refuseUnread({ accounts, selection }: Pick<RunRequest, 'accounts' | 'selection'>): void {
  const assignments = assignLogAccounts(accounts, selection.logAccounts)
  for (const id of selection.logAccounts) {
    if (assignments.some((one) => 'allBut' in one || one.logAccounts.includes(id))) continue
    throw new CrosstrailError('usage.unread-log-account', `no selected account reads the logs of ${id}`, {
      hint: 'select an account that does, or add it to reads in the config',
      facts: { logAccount: id },
    })
  }
}

function endsAll({ code }: CrosstrailError): boolean {
  return code.startsWith('disk.') || code === 'interrupted'
}

function isInterruption(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && error instanceof CrosstrailError && error.code === 'interrupted'
}
