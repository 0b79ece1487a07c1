import { parentPort, workerData } from 'node:worker_threads'
import { BucketAccess, type BucketAccessOptions } from '../s3/bucket-access.ts'
import type { Bucket } from '../s3/bucket.ts'
import { type DownloadJob, openDownload } from '../verbs/download/fetch-logs.ts'
import { Limits } from '../work/limits.ts'
import { serveThread } from '../work/thread-side.ts'

/** What a helping thread is given: no secret. */
export interface ThreadJob {
  /** Plain data. */
  readonly job: unknown
  readonly buckets: Omit<BucketAccessOptions, 'tally'>
  /** Objects under way at a time. */
  readonly maxTasks: number
  /** What the threads of a run count together. */
  readonly shared: { readonly limits: SharedArrayBuffer; readonly tally: SharedArrayBuffer }
}

if (parentPort !== null) {
  const { job, maxTasks, shared, ...thread } = workerData as ThreadJob
  serveThread<Bucket>(parentPort, ({ actSignal, keysOf }) => {
    const buckets = new BucketAccess({ ...thread.buckets, tally: shared.tally })
    const opened = new Map<string, Bucket>()
    return {
      // The only verb that threads help with
      action: openDownload(job as DownloadJob, { actSignal, limits: new Limits(shared.limits) }),
      maxTasks,
      bucketOf: (account) => {
        let bucket = opened.get(account)
        if (bucket === undefined) {
          // The run's own thread tells of another region: it listed first.
          bucket = buckets.open(keysOf(account), () => undefined)
          opened.set(account, bucket)
        }
        return bucket
      },
      close: () => buckets.close(),
    }
  })
}
