import { parentPort, workerData } from 'node:worker_threads'
import { BucketAccess, type BucketAccessOptions } from '../s3/bucket-access.ts'
import type { Bucket } from '../s3/bucket.ts'
import { type DownloadJob, openDownload } from '../verbs/download/fetch-logs.ts'
import { Limits } from '../work/limits.ts'
import { serveThread } from '../work/thread-side.ts'

/** The input of a helper thread. It has no secrets. */
export interface ThreadJob {
  /** Plain data. */
  readonly job: unknown
  readonly buckets: Omit<BucketAccessOptions, 'tally'>
  readonly maxTasks: number
  /** Counters that all threads of a run share. */
  readonly shared: { readonly limits: SharedArrayBuffer; readonly tally: SharedArrayBuffer }
}

if (parentPort !== null) {
  const { job, maxTasks, shared, ...thread } = workerData as ThreadJob
  serveThread<Bucket>(parentPort, ({ actSignal, keysOf }) => {
    const buckets = new BucketAccess({ ...thread.buckets, tally: shared.tally })
    const opened = new Map<string, Bucket>()
    return {
      // Download is the only verb that uses threads.
      action: openDownload(job as DownloadJob, { actSignal, limits: new Limits(shared.limits) }),
      maxTasks,
      bucketOf: (account) => {
        let bucket = opened.get(account)
        if (bucket === undefined) {
          // The main thread already reported another region, because it listed first.
          bucket = buckets.open(keysOf(account), () => undefined)
          opened.set(account, bucket)
        }
        return bucket
      },
      close: () => buckets.close(),
    }
  })
}
