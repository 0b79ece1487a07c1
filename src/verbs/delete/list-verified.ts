import { CrosstrailError } from '../../error.ts'
import { parseKey } from '../../trail/key.ts'
import type { Kind } from '../../trail/kind.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { windowHolds } from '../../trail/window.ts'
import { Limits } from '../../work/limits.ts'
import type { Listing } from '../../work/plan.ts'
import type { Names } from '../../work/named-places.ts'
import type { RunReport } from '../../work/run-event.ts'
import { runInBucket, type WorkerFrame } from '../../work/run.ts'
import { twinnedListing, twinOf } from '../../work/twinned-listing.ts'
import type { Host } from '../host.ts'
import { type BucketVerification, type StreamReading, streamsAtATime } from '../verify/bucket-verification.ts'
import type { ListedDigest, StreamSlice, VerifyPlace } from '../verify/place.ts'
import { judgedObjects, verifiedTake } from '../verify/take-verified.ts'
import type { DeletingBucket, DeletionAccess } from './deletion-access.ts'
import type { PlanLedger } from './plan-ledger.ts'
import { type PlanJob, planningAction, selecting } from './planning-action.ts'

export interface VerifiedListing {
  /** Selects either logs or digests. */
  readonly job: PlanJob
  /** What is listed: all kinds of logs, or digests. */
  readonly kinds: readonly Kind[]
  readonly named: Names
  readonly ledger: PlanLedger
  readonly access: DeletionAccess
  readonly verifying: BucketVerification
  readonly maxInflatedBytes: number
}

/** Lists everything of some kinds, at any time, and plans what is selected and verified. */
export function listVerified(listing: VerifiedListing, host: Host): Promise<RunReport> {
  const { job, kinds, named, ledger, access, verifying, maxInflatedBytes } = listing
  return runInBucket<DeletingBucket, StreamSlice>({
    ...access.request,
    selection: { ...job.selection, kinds, window: {}, include: [], exclude: [] },
    named,
    sorted: false,
    split: false,
    plan: verifying.plan,
    startWorker: (frame) =>
      host.workFrom(frame, {
        job,
        open(carried, { actSignal: signal }) {
          const planning = planningAction(carried, ledger, frame.bucketOf, signal)
          return {
            take: verifiedTake<DeletingBucket>({
              verification: verifying.verification,
              maxInflatedBytes,
              readerOf: ({ source }) => source,
              signal,
              refuse: (object, account, state) => ledger.keep(object, account, 'unverified', { state }),
              take: (object, account, bucket) => planning.take(object, account, bucket, twinOf(object)),
              unread(object, account, error) {
                frame.listener({ type: 'note', level: 'warning', ...unreadNote(object, error), account })
                return ledger.keep(object, account, 'unverified', { state: 'failed' })
              },
            }),
            close: () => planning.close(),
          }
        },
        limits: new Limits({}),
        keysOf: access.keysOf,
        listings: streamsAtATime,
        source: verifying.source(frame, {
          bucketOf: (account) => readable(frame.bucketOf(account), listing, frame, host),
          placed: (place) => tellingRemaining(place, listing, frame),
          giver: judgedObjects(job.selection),
        }),
      }),
  })
}

function unreadNote({ key }: LogObject, { code, message }: CrosstrailError) {
  return { code, message: `${key} could not be verified, and stays: ${message}` } as const
}

/** The bucket as verification reads it. Its selected objects carry their twins in the archive. */
function readable(
  bucket: DeletingBucket,
  { job }: VerifiedListing,
  { signal }: WorkerFrame<DeletingBucket>,
  { config }: Host,
): ReturnType<StreamReading['bucketOf']> {
  const { archivedIn } = job.options
  const { source, archive } = bucket
  const listing: Listing = { listPage: (...page) => bucket.listPage(...page) }
  const get: typeof source.get = (...asked) => source.get(...asked)
  if (archivedIn === undefined || archive === undefined) return { ...listing, get }
  const isSelected = selecting(job.selection)
  const isWanted = (key: string) => {
    const parts = parseKey(key, config.trail)
    return parts !== undefined && isSelected({ ...parts, key })
  }
  const place = { listing: archive, prefix: archivedIn.prefix, signal }
  return { ...twinnedListing(listing, place, isWanted), get }
}

/** Lists everything, and tells the ledger of what is not selected. Verification gets the rest, and the digests that it needs. */
function tellingRemaining(
  place: VerifyPlace,
  { job, kinds, ledger }: VerifiedListing,
  { listener }: WorkerFrame<DeletingBucket>,
): VerifyPlace {
  const isSelected = selecting(job.selection)
  const isPlanned = (object: LogObject, account: string): boolean => {
    if (isSelected(object)) return true
    ledger.remain(object)
    listener({ type: 'outcome', outcome: { status: 'done', account, object, bytes: 0 } })
    return false
  }
  return {
    ...place,
    async *logs(stream, kind) {
      for await (const page of place.logs(stream, kind, {})) yield page.filter((log) => isPlanned(log, stream.account))
    },
    async *digests(stream, window) {
      if (!kinds.includes('digest')) return yield* place.digests(stream, window)
      for await (const page of place.digests(stream, {})) {
        for (const digest of page) isPlanned(digestObject(digest), stream.account)
        yield page.filter(({ parts }) => windowHolds(window, parts.deliveredAtMs))
      }
    },
  }
}

function digestObject({ parts, ...object }: ListedDigest): LogObject {
  const { logAccount, region, kind, deliveredAtMs } = parts
  return { ...object, logAccount, region, kind, deliveredAtMs }
}
