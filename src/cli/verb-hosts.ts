import type { Config } from '../config/config.ts'
import type { Session } from '../identity/session.ts'
import type { Bucket } from '../s3/bucket.ts'
import type { VerbHost } from '../verbs/verb-host.ts'
import type { Concurrency } from '../work/concurrency.ts'
import { inlineWorker } from '../work/inline-worker.ts'
import { keyFilter } from '../work/key-filter.ts'
import type { ObjectAction } from '../work/object-action.ts'
import type { RunListener } from '../work/run-event.ts'
import type { WorkerFrame } from '../work/run.ts'
import type { Selection } from '../work/selection.ts'
import type { SliceWorker } from '../work/slice-worker.ts'
import { startThreadWorker } from '../work/thread-worker.ts'
import { accountsByLabel } from './account-labels.ts'
import type { Buckets } from './buckets.ts'
import { sessionReach, type Sessions, type SessionScope } from './sessions.ts'
import type { ThreadJob } from './thread.ts'

/** The real things of one command. */
export interface Context {
  readonly config: Config
  readonly sessions: Sessions
  readonly buckets: Buckets
  readonly share: Concurrency
  readonly signal: AbortSignal
  readonly nowMs: number
}

export interface HostRequest<J> {
  readonly scope: SessionScope
  readonly selection: Selection
  readonly listener: RunListener
  readonly openAction: (job: J, frame: WorkerFrame) => ObjectAction<Bucket>
  /** An account's session stands, and nothing of it has been listed. */
  readonly onOpened?: ((account: string, session: Session, bucket: Bucket) => void) | undefined
  /** What a thread is given for it; without it, all runs in this thread. */
  readonly threadJob?: ((job: J) => Promise<ThreadJob>) | undefined
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

/** What a verb runs on: sessions narrowed to it, the bucket through each of them, and workers that make its action. */
export function verbHost<J>(context: Context, request: HostRequest<J>): VerbHost<J> {
  const { config, sessions, buckets, share, signal } = context
  const { selection, scope } = request
  const accounts = accountsByLabel(config, selection.accounts)
  const opened = new Map<string, { session: Session; bucket: Bucket }>()
  const openedOf = (label: string): { session: Session; bucket: Bucket } => {
    const found = opened.get(label)
    if (found === undefined) throw new Error(`the session of ${label} is not open`)
    return found
  }
  const listener = onceEach(request.listener)
  return {
    layout: config.trail,
    accounts,
    listener,
    signal,
    openBucket: async (assignment) => {
      const account = accounts.find(({ label }) => label === assignment.account)
      if (account === undefined) throw new Error(`no account ${assignment.account}`)
      const session = await sessions.open(account, scope, sessionReach(assignment), listener)
      const bucket = buckets.open(session, (region) => listener(regionNote(config, region)))
      opened.set(account.label, { session, bucket })
      request.onOpened?.(account.label, session, bucket)
      return bucket
    },
    startWorkers: async (frame, job): Promise<readonly SliceWorker[]> => {
      if (request.threadJob !== undefined && share.threads > 0) {
        return startThreads(share, await request.threadJob(job), frame, (label) => openedOf(label).session)
      }
      return [
        inlineWorker<Bucket>({
          ...frame,
          action: request.openAction(job, frame),
          bucketOf: (label) => openedOf(label).bucket,
          filter: keyFilter(selection),
          listings: share.listingsPerThread,
          maxTasks: share.callsPerThread,
          whenWritable: request.whenWritable,
          nowMs: Date.now,
        }),
      ]
    },
  }
}

async function startThreads(
  share: Concurrency,
  job: ThreadJob,
  frame: WorkerFrame,
  sessionOf: (label: string) => Session,
): Promise<SliceWorker[]> {
  const started = await Promise.allSettled(
    Array.from({ length: share.threads }, () =>
      startThreadWorker({
        entry: new URL('./thread.js', import.meta.url),
        job,
        keysOf: sessionOf,
        listings: share.listingsPerThread,
        frame,
      }),
    ),
  )
  const workers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failure = started.find((one) => one.status === 'rejected')
  if (failure === undefined) return workers
  await Promise.all(workers.map((worker) => worker.close()))
  throw failure.reason
}

function regionNote(config: Config, region: string) {
  const { bucket, region: configured } = config.trail
  return {
    type: 'note',
    level: 'warning',
    code: 'bucket.other-region',
    message: `${bucket} is in ${region}, not in ${configured}: set trail.region to ${region}`,
  } as const
}

/** Accounts share a bucket: what is so for all of them is told once. */
export function onceEach(listener: RunListener): RunListener {
  const told = new Set<string>()
  return (event) => {
    if (event.type === 'note') {
      if (told.has(event.message)) return
      told.add(event.message)
    }
    listener(event)
  }
}
