import type { Config } from '../config/config.ts'
import type { Session } from '../identity/session.ts'
import type { Bucket } from '../s3/bucket.ts'
import { maskedText } from '../secrets/masked-text.ts'
import type { VerbHost } from '../verbs/verb-host.ts'
import type { Concurrency } from '../work/concurrency.ts'
import type { HelperSource } from '../work/crew.ts'
import { inlineWorker } from '../work/inline-worker.ts'
import { keyFilter } from '../work/key-filter.ts'
import type { ObjectAction } from '../work/object-action.ts'
import type { RunListener } from '../work/run-event.ts'
import type { WorkerFrame } from '../work/run.ts'
import type { Selection } from '../work/selection.ts'
import { startThreadHelper } from '../work/thread-helper.ts'
import { accountsByLabel } from './account-labels.ts'
import type { Buckets } from './bucket-access.ts'
import { sessionReach, type Sessions, type SessionScope } from './narrowed-sessions.ts'
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
  /** What a thread that helps is given; without it, all runs in this thread. */
  readonly threadJob?: ((job: J) => (initialCalls: number) => Promise<ThreadJob>) | undefined
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

/** What a verb runs on: sessions narrowed to it, the bucket through each of them, and a worker that makes its action. */
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
  tellOpenFiles(context, listener)
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
    startWorker: (frame, job) =>
      inlineWorker<Bucket>({
        ...frame,
        action: request.openAction(job, frame),
        bucketOf: (label) => openedOf(label).bucket,
        filter: keyFilter(selection),
        listings: share.listings,
        maxTasks: share.calls,
        helpers:
          request.threadJob && helpersOf(share, request.threadJob(job), buckets, (label) => openedOf(label).session),
        whenWritable: request.whenWritable,
        nowMs: Date.now,
      }),
  }
}

/** The threads beside this one. */
function helpersOf(
  { threads, callsPerThread, threadsWorthFrom }: Concurrency,
  jobOf: (initialCalls: number) => Promise<ThreadJob>,
  buckets: Buckets,
  keysOf: (label: string) => Session,
): HelperSource | undefined {
  if (threads === 1) return undefined
  return {
    count: threads - 1,
    worthFrom: threadsWorthFrom,
    start: async (frame) => {
      const entry = new URL('./thread.js', import.meta.url)
      // What this one found the server to take is shared out.
      const initialCalls = Math.floor((buckets.concurrency - callsPerThread) / (threads - 1))
      const job = await jobOf(initialCalls)
      const helper = await startThreadHelper({ entry, job, keysOf, maxTasks: callsPerThread, frame })
      // All threads together make no more calls at a time than this one did.
      await buckets.lower(callsPerThread)
      return helper
    },
  }
}

/** The contexts that were told of the limit: a pull that goes on for days says it once. */
const told = new WeakSet<Context['share']>()

function tellOpenFiles({ share }: Context, listener: RunListener): void {
  const { openFilesLimit, calls } = share
  if (openFilesLimit === undefined || told.has(share)) return
  told.add(share)
  const message = `calls at a time are limited to ${calls}, because this process may have only ${openFilesLimit} files open: raise that limit (ulimit -n)`
  listener({ type: 'note', level: 'warning', code: 'work.open-files', message })
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

/** Accounts share a bucket: what is so for all of them is told once. Secrets in it are masked. */
export function onceEach(listener: RunListener): RunListener {
  const told = new Set<string>()
  return (event) => {
    if (event.type !== 'note') return listener(event)
    if (told.has(event.message)) return
    told.add(event.message)
    listener({ ...event, message: maskedText(event.message) })
  }
}
