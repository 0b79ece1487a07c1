import { defaultInitialCalls } from '../s3/pacer.ts'
import type { BucketAccess, BucketAccessOptions } from '../s3/bucket-access.ts'
import type { Host, SliceJob } from '../verbs/host.ts'
import type { Concurrency } from '../work/concurrency.ts'
import type { HelperSource } from '../work/crew.ts'
import { inlineWorker, sourceWorker } from '../work/inline-worker.ts'
import { startThreadHelper } from '../work/thread-helper.ts'
import type { ThreadJob } from './thread.ts'

/** Takes slices in this thread, and also in helper threads if the job allows it. */
export function sliceWork(share: Concurrency, buckets: BucketAccess, options: BucketAccessOptions): Host['work'] {
  return (frame, work) => {
    const { open, limits, filter, whenWritable } = work
    const job = asPlainData(work.job)
    return inlineWorker({
      ...frame,
      action: open(job, { ...frame, limits }),
      filter,
      listings: share.listings,
      maxTasks: share.calls,
      helpers: work.threads === true ? helpersOf({ ...work, job }, share, buckets, options) : undefined,
      whenWritable,
      nowMs: Date.now,
    })
  }
}

/** Takes slices of another source in this thread. */
export const sourceWork: Host['workOn'] = (frame, { job, open, ...work }) =>
  sourceWorker({ ...frame, ...work, action: open(asPlainData(job)) })

/** Converts a job to JSON and back, as for another thread or machine: a job that JSON cannot carry must not work here either. */
function asPlainData<J>(job: J): J {
  return JSON.parse(JSON.stringify(job)) as J
}

function helpersOf<J>(
  { job, limits, keysOf }: Pick<SliceJob<J>, 'job' | 'limits' | 'keysOf'>,
  { threads, callsPerThread, threadsWorthFrom }: Concurrency,
  buckets: BucketAccess,
  options: BucketAccessOptions,
): HelperSource | undefined {
  if (threads === 1) return undefined
  return {
    count: threads - 1,
    worthFrom: threadsWorthFrom,
    start: async (frame) => {
      const entry = new URL('./thread.js', import.meta.url)
      // Divides the concurrency that this thread found for the server.
      const initialCalls = Math.floor((buckets.concurrency - callsPerThread) / (threads - 1))
      const threadJob: ThreadJob = {
        job,
        buckets: {
          ...options,
          maxConcurrency: callsPerThread,
          initialConcurrency: Math.max(initialCalls, defaultInitialCalls),
          endpoint: await buckets.trailEndpoint(),
        },
        maxTasks: callsPerThread,
        shared: { limits: limits.shared, tally: buckets.tally.shared },
      }
      const helper = await startThreadHelper({ entry, job: threadJob, keysOf, maxTasks: callsPerThread, frame })
      // All threads together make no more concurrent calls than this thread did.
      await buckets.lower(callsPerThread)
      return helper
    },
  }
}
