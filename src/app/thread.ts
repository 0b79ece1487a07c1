import { parentPort, workerData } from 'node:worker_threads'
import { BucketAccess, type BucketAccessOptions } from '../s3/bucket-access.ts'
import type { Bucket } from '../s3/bucket.ts'
import type { ObjectReader } from '../sinks/sink.ts'
import { type DownloadJob, openDownload } from '../verbs/download/fetch-logs.ts'
import { type EventsJob, openEvents } from '../verbs/events/read-log.ts'
import { openVerify, type VerifyJob } from '../verbs/verify/read-log.ts'
import type { JobTools } from '../verbs/host.ts'
import { Limits } from '../work/limits.ts'
import type { ObjectAction } from '../work/object-action.ts'
import { serveThread } from '../work/thread-side.ts'

/** The input of a helper thread. It has no secrets. */
export interface ThreadJob {
  /** Plain data. */
  readonly job: unknown
  /** Undefined if the job needs no bucket. */
  readonly buckets?: Omit<BucketAccessOptions, 'tally'> | undefined
  /** Objects under way at a time. */
  readonly maxTasks: number
  /** Counters that all threads of a run share. */
  readonly shared: { readonly limits: SharedArrayBuffer; readonly tally?: SharedArrayBuffer | undefined }
}

/** The verbs that threads help with. */
type HelpedJob = DownloadJob | EventsJob | VerifyJob

function openJob(
  job: HelpedJob,
  tools: Pick<JobTools, 'limits' | 'actSignal'>,
): ObjectAction<ObjectReader | undefined> {
  switch (job.verb) {
    case 'download':
      return fromBucket(openDownload(job, tools))
    case 'events':
      return openEvents(job, tools)
    case 'verify':
      return openVerify(job, tools)
  }
}

/** Such a job is never sent without a bucket. */
function fromBucket(action: ObjectAction<ObjectReader>): ObjectAction<ObjectReader | undefined> {
  return {
    ...action,
    take(object, account, bucket, twin) {
      if (bucket === undefined) throw new Error(`the bucket of ${account} is not open`)
      return action.take(object, account, bucket, twin)
    },
  }
}

if (parentPort !== null) {
  const { job, maxTasks, shared, buckets: options } = workerData as ThreadJob
  serveThread<Bucket | undefined>(parentPort, ({ actSignal, keysOf }) => {
    const buckets = options && new BucketAccess({ ...options, tally: shared.tally })
    const opened = new Map<string, Bucket | undefined>()
    return {
      action: openJob(job as HelpedJob, { actSignal, limits: new Limits(shared.limits) }),
      maxTasks,
      bucketOf: (account) => {
        // The main thread already reported another region, because it listed first.
        if (!opened.has(account))
          opened.set(
            account,
            buckets?.open(keysOf(account), () => undefined),
          )
        return opened.get(account)
      },
      close: () => buckets?.close() ?? Promise.resolve(),
    }
  })
}
