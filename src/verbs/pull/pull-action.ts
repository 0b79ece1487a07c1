import type { ObjectReader, Sink } from '../../sinks/sink.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { WorkerFrame } from '../../work/run.ts'
import type { SliceWorker } from '../../work/slice-worker.ts'
import type { DigestPlaces } from './check-digests.ts'
import type { PullProgress } from './coverage-progress.ts'

/** Takes the objects that coverage does not name. `verifyLocal`: also those of the look-back, if the target does not have them. */
export function pullAction(
  sink: Sink,
  progress: PullProgress,
  { readers }: DigestPlaces,
  verifyLocal: boolean,
): ObjectAction<ObjectReader> {
  return {
    ...(sink.twins !== undefined && { twins: (slice) => sink.twins?.(slice) ?? noTwins }),
    take(object, account, bucket, twin) {
      readers.set(account, bucket)
      const { decision, seen } = progress.decide(object)
      const isTaken = decision === 'take' || (verifyLocal && seen)
      return isTaken
        ? sink.take(object, account, bucket, twin)
        : { status: 'skipped', account, object, reason: 'covered' }
    },
    // `runPull` closes the sink after the last commit.
    close: () => Promise.resolve(),
  }
}

const noTwins = { of: () => Promise.resolve(new Map<string, unknown>()) }

/** A worker that records in coverage which listings reached their ends. */
export function followed(worker: SliceWorker, progress: PullProgress, { signal }: WorkerFrame): SliceWorker {
  return {
    capacity: worker.capacity,
    async run(slice, exchange) {
      progress.listing(slice)
      await worker.run(slice, exchange)
      // A listing that was interrupted resolves, too.
      if (!signal.aborted) progress.ended(slice)
    },
    close: () => worker.close(),
  }
}
