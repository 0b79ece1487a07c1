import type { Bucket } from '../../s3/bucket.ts'
import type { ReadingAccount } from '../../work/assignment.ts'
import { Limits } from '../../work/limits.ts'
import type { RunListener } from '../../work/run-event.ts'
import { runInBucket } from '../../work/run.ts'
import type { SliceWorker } from '../../work/slice-worker.ts'
import type { Host } from '../host.ts'
import { accessTrail, type TrailAccess } from '../trail-access.ts'
import { type BucketStreams, selectedStreams } from './bucket-streams.ts'
import { openBucketVerification, streamsAtATime } from './bucket-verification.ts'
import type { KeepPlace } from './keep-evidence.ts'
import { refuseUnwritable, writeKeysFile } from './keys-on-disk.ts'
import type { VerifyOptions } from './options.ts'
import type { StreamSlice } from './place.ts'
import { openVerify, type VerifyJob } from './read-log.ts'
import type { VerifyReport } from './report.ts'
import type { StreamGiver } from './stream-source.ts'
import type { WrittenFolder } from './written-file.ts'

/** Verifies the bucket through the sessions of accounts. An account that fails does not stop the others. */
export async function verifyBucket(options: VerifyOptions, host: Host, keep?: KeepPlace): Promise<VerifyReport> {
  const { selection } = options
  const access = accessTrail(host, { accounts: selection.accounts, rights: host.rights })
  return verifyThrough(access, { ...access.request, options, streams: selectedStreams(selection), keep }, host)
}

export interface BucketRun<S extends StreamSlice> {
  readonly options: Omit<VerifyOptions, 'dirs'>
  readonly accounts: readonly ReadingAccount[]
  readonly streams: BucketStreams<S>
  readonly listener: RunListener
  /** Where another run has just written the logs to. */
  readonly written?: WrittenFolder | undefined
  readonly keep?: KeepPlace | undefined
  /** Default: the logs that a proven digest lists, to be compared with their hashes. */
  readonly giver?: StreamGiver | undefined
}

/** Verifies streams of the bucket through sessions that another run may have opened. */
export async function verifyThrough<S extends StreamSlice>(
  { request, keysOf }: TrailAccess,
  { options, streams, written, keep, giver, ...run }: BucketRun<S>,
  host: Host,
): Promise<VerifyReport> {
  const { selection, saveKeys, maxInflatedBytes, whenWritable } = options
  if (saveKeys !== undefined) refuseUnwritable(saveKeys)
  const opened = openBucketVerification({ ...options, streams, keep }, host, keysOf)
  const { verification, keys, keeping, plan, source } = opened
  const listener: RunListener = (event) => {
    if (event.type === 'outcome') verification.outcome(event.outcome)
    run.listener(event)
  }
  const job: VerifyJob = { verb: 'verify', files: false, written, maxInflatedBytes }
  const report = await runInBucket<Bucket, S>({
    ...request,
    accounts: run.accounts,
    selection,
    sorted: false,
    split: false,
    listener,
    plan,
    startWorker(frame) {
      const worker = host.workFrom<VerifyJob, Bucket, S>(frame, {
        job,
        open: (asked, tools) => openVerify(asked, tools, keeping?.log),
        threads: keeping?.log === undefined,
        limits: new Limits({}),
        keysOf,
        whenWritable,
        listings: streamsAtATime,
        source: source(frame, { bucketOf: frame.bucketOf, giver, whenWritable }),
      })
      return followed(worker, frame.signal, streams.onVerified)
    },
  })
  const whole = verification.report(report)
  if (saveKeys !== undefined && keys.all.length > 0) writeKeysFile(saveKeys, keys.all)
  return whole
}

/** Calls `onVerified` when each log of a stream was compared. */
function followed<S extends StreamSlice>(
  worker: SliceWorker<S>,
  signal: AbortSignal,
  onVerified: BucketStreams<S>['onVerified'],
): SliceWorker<S> {
  if (onVerified === undefined) return worker
  return {
    capacity: worker.capacity,
    async run(stream, exchange) {
      await worker.run(stream, exchange)
      // A stream that was interrupted resolves, too.
      if (!signal.aborted) await onVerified(stream)
    },
    close: () => worker.close(),
  }
}
