import type { ListedObject } from '../../trail/log-object.ts'
import { Limits } from '../../work/limits.ts'
import { maxHeldBytes } from '../../work/object-taker.ts'
import { openCopy } from './copying.ts'
import type { CopyDestination } from './destination.ts'
import { maxServerSideBytes } from './copy-mode.ts'
import type { CopySides } from './sides.ts'
import type { PullSignals } from '../../verbs/pull/take-new.ts'
import type { PullSink } from '../sink.ts'

/** Copies in another bucket, as the copy verb makes them. S3 has them for good when it says so. */
export function copySink(
  to: CopyDestination,
  sidesOf: (account: string) => CopySides,
  signals: PullSignals,
): PullSink<ListedObject> {
  const action = openCopy(
    {
      to,
      verify: false,
      overwrite: false,
      dryRun: false,
      maxCopyBytes: maxServerSideBytes,
      maxHeldBytes,
      limits: new Limits({}).shared,
    },
    sidesOf,
    signals,
  )
  return { ...action, flush: () => Promise.resolve(undefined) }
}
