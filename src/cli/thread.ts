import { parentPort, workerData } from 'node:worker_threads'
import type { Bucket } from '../s3/bucket.ts'
import { type DownloadJob, openDownload } from '../verbs/download.ts'
import type { Concurrency } from '../work/concurrency.ts'
import { inlineWorker } from '../work/inline-worker.ts'
import { keyFilter } from '../work/key-filter.ts'
import type { Selection } from '../work/selection.ts'
import { serveThread } from '../work/thread-side.ts'
import { Buckets, type BucketsOptions } from './buckets.ts'

/** What a working thread is given: plain data, no secret. */
export interface ThreadJob {
  readonly download: DownloadJob
  readonly buckets: BucketsOptions
  readonly share: Concurrency
  readonly selection: Selection
}

if (parentPort !== null) {
  const { job, hunger } = workerData as { readonly job: ThreadJob; readonly hunger: SharedArrayBuffer }
  await serveThread(parentPort, hunger, async (frame) => {
    const buckets = new Buckets(job.buckets)
    const opened = new Map<string, Bucket>()
    const bucketOf = (account: string): Bucket => {
      let bucket = opened.get(account)
      if (bucket === undefined) {
        // The run's own thread tells of another region: it listed first.
        bucket = buckets.open(frame.keysOf(account), () => undefined)
        opened.set(account, bucket)
      }
      return bucket
    }
    const worker = inlineWorker<Bucket>({
      ...frame,
      bucketOf,
      action: openDownload(job.download, frame.actSignal),
      filter: keyFilter(job.selection),
      listings: job.share.listingsPerThread,
      maxTasks: job.share.callsPerThread,
      nowMs: Date.now,
    })
    return {
      ...worker,
      close: async () => {
        await worker.close()
        await buckets.close()
      },
    }
  })
}
