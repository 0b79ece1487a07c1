import { parentPort, workerData } from 'node:worker_threads'
import type { Bucket } from '../s3/bucket.ts'
import { type DownloadJob, openDownload } from '../verbs/download/download.ts'
import { serveThread } from '../work/thread-side.ts'
import { Buckets, type BucketsOptions } from './bucket-access.ts'

/** What a helping thread is given: plain data, no secret. */
export interface ThreadJob {
  readonly download: DownloadJob
  readonly buckets: BucketsOptions
  /** Objects under way at a time. */
  readonly maxTasks: number
}

if (parentPort !== null) {
  const job = workerData as ThreadJob
  serveThread<Bucket>(parentPort, ({ actSignal, keysOf }) => {
    const buckets = new Buckets(job.buckets)
    const opened = new Map<string, Bucket>()
    return {
      action: openDownload(job.download, actSignal),
      maxTasks: job.maxTasks,
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
