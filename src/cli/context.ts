import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import type { Account, Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { CrosstrailError } from '../error.ts'
import type { Session } from '../identity/session.ts'
import type { Bucket } from '../s3/bucket.ts'
import { listOwnBuckets } from '../s3/sdk.ts'
import { type DownloadJob, download, openDownload } from '../verbs/download.ts'
import { list, type ListJob, openList } from '../verbs/list.ts'
import { Summarizer } from '../verbs/summary.ts'
import type { VerbHost } from '../verbs/verb-host.ts'
import type { Assignment } from '../work/assignment.ts'
import { type Concurrency, defaultConcurrency, shareConcurrency } from '../work/concurrency.ts'
import { inlineWorker } from '../work/inline-worker.ts'
import { keyFilter } from '../work/key-filter.ts'
import type { ObjectAction } from '../work/object-action.ts'
import type { AccountReport, RunListener, RunReport } from '../work/run-event.ts'
import type { WorkerFrame } from '../work/run.ts'
import type { Selection } from '../work/selection.ts'
import type { SliceWorker } from '../work/slice-worker.ts'
import { addTallies, TallyCounter } from '../work/tally.ts'
import { startThreadWorker } from '../work/thread-worker.ts'
import { accountsByLabel } from './account-labels.ts'
import { Buckets } from './buckets.ts'
import type { OpenRequest, Services, VisibleBucket } from './services.ts'
import { sessionReach, Sessions } from './sessions.ts'
import type { ThreadJob } from './thread.ts'

/** The one place where the real things are built and joined. */
export async function openContext(request: OpenRequest): Promise<Services> {
  // The SDK is loaded later, and would print six lines about the version of Node.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'
  const { args, env, signal } = request
  const config = loadConfig({ file: args.configFile, env, cwd: process.cwd(), homeDir: homedir() })
  const share = shareConcurrency(args.connection.concurrency ?? defaultConcurrency, args.connection.threads ?? 0)
  const bucketsOptions = {
    trail: config.trail,
    env,
    maxConcurrency: share.callsPerThread,
    stallTimeoutMs: args.connection.timeoutMs,
    maxAttempts: args.connection.maxAttempts,
  }
  const buckets = new Buckets(bucketsOptions)
  const sessions = new Sessions(config.trail, request, buckets.http)

  /** What a verb runs on: sessions opened for that verb, and workers that make its action. */
  const host = <J>(
    verb: 'list' | 'download',
    selection: Selection,
    given: RunListener,
    openAction: (job: J, frame: WorkerFrame) => ObjectAction<Bucket>,
    threadJob: ((job: J) => ThreadJob) | undefined,
    whenWritable: () => Promise<void> | undefined,
  ): VerbHost<J> => {
    const accounts = accountsByLabel(config, selection.accounts)
    const opened = new Map<string, { session: Session; bucket: Bucket }>()
    const openedOf = (label: string): { session: Session; bucket: Bucket } => {
      const found = opened.get(label)
      if (found === undefined) throw new Error(`the session of ${label} is not open`)
      return found
    }
    const listener = onceEach(given)
    return {
      layout: config.trail,
      accounts,
      listener,
      signal,
      openBucket: async (assignment: Assignment) => {
        const account = accounts.find(({ label }) => label === assignment.account)
        if (account === undefined) throw new Error(`no account ${assignment.account}`)
        const session = await sessions.open(account, { verb, logAccounts: sessionReach(assignment), listener })
        const bucket = buckets.open(session, (region) => listener(regionNote(config, region)))
        opened.set(account.label, { session, bucket })
        return bucket
      },
      startWorkers: async (frame, job): Promise<readonly SliceWorker[]> => {
        const spec = threadJob?.(job)
        if (spec !== undefined && share.threads > 0) {
          return startThreads(share, spec, frame, (label) => openedOf(label).session)
        }
        const action = openAction(job, frame)
        return [
          inlineWorker<Bucket>({
            ...frame,
            action,
            bucketOf: (label) => openedOf(label).bucket,
            filter: keyFilter(selection),
            listings: share.listingsPerThread,
            maxTasks: share.callsPerThread,
            whenWritable,
            nowMs: Date.now,
          }),
        ]
      },
    }
  }

  const services: Services = {
    config,
    list: (asked, listener) =>
      list(asked, host<ListJob>('list', asked.selection, listener, openList, undefined, asked.whenWritable)),

    async summarize(asked, listener) {
      const summarizer = new Summarizer()
      const report = await services.list(asked, (event) => {
        if (event.type === 'outcome' && event.outcome.status === 'done') {
          summarizer.add(event.outcome.account, event.outcome.object)
        }
        listener(event)
      })
      return { report, summary: summarizer.summary() }
    },

    async listBuckets(labels, listener) {
      const found: VisibleBucket[] = []
      const reports = await Promise.all(
        accountsByLabel(config, labels).map((account) =>
          listBucketsOf(account, config, sessions, buckets, listener, found),
        ),
      )
      return { report: reportOf(reports, signal), buckets: found }
    },

    download: (asked, listener) => {
      const { whenWritable, ...options } = asked
      const { owner, bucket, region, prefix, organization } = config.trail
      const runId = newRunId(request.nowMs)
      const about = {
        startedAt: new Date(request.nowMs).toISOString(),
        trail: { bucket, owner, region, prefix, organization },
      }
      const threadJob = (download: DownloadJob): ThreadJob => ({
        download,
        buckets: bucketsOptions,
        share,
        selection: asked.selection,
      })
      return download(
        { ...options, sorted: false, runId, about },
        host<DownloadJob>(
          'download',
          asked.selection,
          listener,
          (job, frame) => openDownload(job, frame.actSignal),
          threadJob,
          whenWritable,
        ),
      )
    },

    close: () => buckets.close(),
  }
  return services
}

function startThreads(
  share: Concurrency,
  job: ThreadJob,
  frame: WorkerFrame,
  sessionOf: (label: string) => Session,
): Promise<SliceWorker[]> {
  return Promise.all(
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
}

async function listBucketsOf(
  account: Account,
  config: Config,
  sessions: Sessions,
  buckets: Buckets,
  listener: RunListener,
  found: VisibleBucket[],
): Promise<AccountReport> {
  const startedAt = performance.now()
  let failure: CrosstrailError | undefined
  try {
    const session = await sessions.open(account, { verb: 'list', logAccounts: 'all', buckets: true, listener })
    for (const { name, createdAt, region } of await listOwnBuckets(session, buckets.http, config.trail.region)) {
      found.push({
        account: account.label,
        name,
        createdMs: createdAt === undefined ? undefined : Date.parse(createdAt),
        region,
      })
    }
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    failure = error
    listener({ type: 'account-failed', account: account.label, error })
  }
  const seconds = (performance.now() - startedAt) / 1000
  return { account: account.label, tally: new TallyCounter().snapshot(), error: failure, seconds }
}

function reportOf(accounts: readonly AccountReport[], signal: AbortSignal): RunReport {
  return {
    accounts,
    total: addTallies(accounts.map(({ tally }) => tally)),
    seconds: Math.max(0, ...accounts.map(({ seconds }) => seconds)),
    interrupted: signal.aborted,
  }
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
function onceEach(listener: RunListener): RunListener {
  const told = new Set<string>()
  return (event) => {
    if (event.type === 'note') {
      if (told.has(event.message)) return
      told.add(event.message)
    }
    listener(event)
  }
}

/** Sorts by time: `20261101T123000Z-1a2b3c`. */
function newRunId(nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '')
  return `${stamp}Z-${randomBytes(3).toString('hex')}`
}
