import { defaultInitialCalls } from '../s3/pacer.ts'
import type { BucketAccess, BucketAccessOptions } from '../s3/bucket-access.ts'
import type { KeySource } from '../s3/key-source.ts'
import type { Host } from '../verbs/host.ts'
import type { Concurrency } from '../work/concurrency.ts'
import type { HelperSource } from '../work/crew.ts'
import { inlineWorker, sourceWorker } from '../work/inline-worker.ts'
import { Limits } from '../work/limits.ts'
import { startThreadHelper } from '../work/thread-helper.ts'
import type { ThreadJob } from './thread.ts'

/** Takes slices of a bucket in this thread, and also in helper threads if the job allows it. */
export function sliceWork(share: Concurrency, buckets: BucketAccess, options: BucketAccessOptions): Host['work'] {
  const help = bucketHelp(share, buckets, options)
  return (frame, work) => {
    const { open, limits, filter, whenWritable } = work
    const job = asPlainData(work.job)
    return inlineWorker({
      ...frame,
      action: open(job, { ...frame, limits }),
      filter,
      listings: share.listings,
      maxTasks: share.calls,
      helpers: help(job, work),
      whenWritable,
      nowMs: Date.now,
    })
  }
}

/** The same for objects of the bucket that another source gives. */
export function bucketWork(share: Concurrency, buckets: BucketAccess, options: BucketAccessOptions): Host['workFrom'] {
  const help = bucketHelp(share, buckets, options)
  return (frame, work) => {
    const { open, limits, source, listings, lasting, whenWritable } = work
    const job = asPlainData(work.job)
    return sourceWorker({
      ...frame,
      action: open(job, { ...frame, limits }),
      source,
      listings: lasting === true ? listings : Math.min(listings, share.listings),
      maxTasks: share.calls,
      helpers: help(job, work),
      whenWritable,
    })
  }
}

interface HelpedWork {
  readonly limits: Limits
  readonly threads?: boolean | undefined
  readonly keysOf: (account: string) => KeySource
}

/** Returns the threads that may help with a job. They read the bucket themselves. */
function bucketHelp(share: Concurrency, buckets: BucketAccess, options: BucketAccessOptions) {
  return (job: unknown, work: HelpedWork): HelperSource | undefined => {
    const { limits, keysOf } = work
    const maxTasks = share.callsPerThread
    const start = async () => {
      // Divides the concurrency that this thread found for the server.
      const initialCalls = Math.floor((buckets.concurrency - maxTasks) / (share.threads - 1))
      const threadJob: ThreadJob = {
        job,
        buckets: {
          ...options,
          maxConcurrency: maxTasks,
          initialConcurrency: Math.max(initialCalls, defaultInitialCalls),
          endpoint: await buckets.trailEndpoint(),
        },
        maxTasks,
        shared: { limits: limits.shared, tally: buckets.tally.shared },
      }
      return { threadJob, onStarted: () => buckets.lower(maxTasks) }
    }
    return helpersOf(work, share, objectsPerCall, start, keysOf)
  }
}

/** The same for slices of another source. Their helper threads get no bucket. */
export function sourceWork(share: Concurrency): Host['workOn'] {
  return (frame, { job, open, threads, limits = new Limits({}), ...work }) => {
    const plain = asPlainData(job)
    const threadJob: ThreadJob = { job: plain, maxTasks: work.maxTasks, shared: { limits: limits.shared } }
    return sourceWorker({
      ...frame,
      ...work,
      action: open(plain, { ...frame, limits }),
      helpers: helpersOf({ threads }, share, filesPerTask, () => Promise.resolve({ threadJob })),
    })
  }
}

/** A call waits for the server much longer than a thread waits for its next objects. */
const objectsPerCall = 2
/** A file takes a tenth of a millisecond, and the thread that hands files out may be busy for 30 ms with listing a day. */
const filesPerTask = 8

/** Converts a job to JSON and back, as for another thread or machine: a job that JSON cannot carry must not work here either. */
function asPlainData<J>(job: J): J {
  return JSON.parse(JSON.stringify(job)) as J
}

interface Starting {
  readonly threadJob: ThreadJob
  /** So that all threads together make no more concurrent calls than this thread did. */
  readonly onStarted?: (() => Promise<void>) | undefined
}

function helpersOf(
  work: { readonly threads?: boolean | undefined },
  { threads, threadsWorthFrom }: Concurrency,
  loadPerTask: number,
  prepare: () => Promise<Starting>,
  keysOf: (account: string) => KeySource = noKeys,
): HelperSource | undefined {
  if (work.threads !== true || threads === 1) return undefined
  return {
    count: threads - 1,
    worthFrom: threadsWorthFrom,
    start: async (frame) => {
      const entry = new URL('./thread.js', import.meta.url)
      const { threadJob, onStarted } = await prepare()
      const maxLoad = loadPerTask * threadJob.maxTasks
      const helper = await startThreadHelper({ entry, job: threadJob, keysOf, maxLoad, frame })
      await onStarted?.()
      return helper
    },
  }
}

function noKeys(account: string): never {
  throw new Error(`there is no session of ${account}`)
}
