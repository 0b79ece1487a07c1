import type { Bucket } from '../../s3/bucket.ts'
import { bucketSink } from '../../sinks/bucket/bucket-sink.ts'
import type { CopySides } from '../../sinks/bucket/sides.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { windowHolds } from '../../trail/window.ts'
import { keyFilter } from '../../work/key-filter.ts'
import { Limits } from '../../work/limits.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import { runInBucket } from '../../work/run.ts'
import type { Selection } from '../../work/selection.ts'
import { twinnedListing, twinOf } from '../../work/twinned-listing.ts'
import type { Host } from '../host.ts'
import type { TrailAccess } from '../trail-access.ts'
import { type BucketVerification, streamsAtATime } from '../verify/bucket-verification.ts'
import type { StreamSlice, VerifyPlace } from '../verify/place.ts'
import { judgedObjects, verifiedTake } from '../verify/take-verified.ts'
import type { CopyJob } from './copy-job.ts'
import type { CopyOptions } from './options.ts'

interface VerifiedCopying {
  readonly job: CopyJob
  readonly access: TrailAccess
  readonly sidesOf: (account: string) => CopySides
  readonly verifying: BucketVerification
  readonly listener: RunListener
}

/** Copies the objects of the selection that are verified, and skips the others as `unverified`. */
export function runVerifiedCopy(
  options: CopyOptions,
  host: Host,
  { job: copying, access, sidesOf, verifying, listener }: VerifiedCopying,
): Promise<RunReport> {
  const { selection, maxInflatedBytes, whenWritable } = options
  const { verification, plan, source } = verifying
  return runInBucket<Bucket, StreamSlice>({
    ...access.request,
    selection,
    sorted: false,
    split: false,
    listener,
    plan,
    startWorker(frame) {
      const bucketOf = (account: string) => {
        const bucket = frame.bucketOf(account)
        const { listing } = sidesOf(account).target
        const place = { listing, prefix: copying.bucket.to.prefix, signal: frame.signal }
        return { ...twinnedListing(bucket, place), get: bucket.get.bind(bucket) }
      }
      return host.workFrom(frame, {
        job: copying,
        open({ bucket: how }, tools) {
          const sink = bucketSink(how, sidesOf, tools.limits.gate(how), tools)
          return {
            take: verifiedTake<Bucket>({
              verification,
              maxInflatedBytes,
              readerOf: (bucket) => bucket,
              signal: tools.actSignal,
              refuse: (object, account, state) => ({
                status: 'skipped',
                account,
                object,
                reason: 'unverified',
                detail: { state },
              }),
              take: (object, account, bucket, held) => sink.take(object, account, bucket, twinOf(object), held),
              thaw: how.thaw === undefined || how.dryRun ? undefined : (...archived) => sink.thaw(...archived),
            }),
            close: () => sink.close(),
          }
        },
        limits: new Limits(options),
        keysOf: access.keysOf,
        whenWritable,
        listings: streamsAtATime,
        source: source(frame, {
          bucketOf,
          placed: (place) => tellingUnselected(place, selection, frame.listener),
          giver: judgedObjects(selection),
          whenWritable,
        }),
      })
    },
  })
}

/** Reports objects of the window that the globs exclude. Their digests are needed all the same. */
function tellingUnselected(place: VerifyPlace, selection: Selection, listener: RunListener): VerifyPlace {
  const { kinds, window } = selection
  const filter = keyFilter(selection)
  const isExcluded = (object: LogObject, account: string): boolean => {
    if (filter(object.key)) return false
    listener({ type: 'outcome', outcome: { status: 'skipped', account, object, reason: 'unselected' } })
    return true
  }
  const takesDigests = kinds.length === 0 || kinds.includes('digest')
  return {
    ...place,
    async *logs(stream, kind, of) {
      for await (const page of place.logs(stream, kind, of)) {
        yield page.filter((log) => !isExcluded(log, stream.account))
      }
    },
    async *digests(stream, of) {
      for await (const page of place.digests(stream, of)) {
        for (const digest of page) {
          const { logAccount, region, kind, deliveredAtMs } = digest.parts
          if (!takesDigests || !windowHolds(window, deliveredAtMs)) continue
          isExcluded({ ...digest, logAccount, region, kind, deliveredAtMs }, stream.account)
        }
        yield page
      }
    },
  }
}
