import { CrosstrailError } from '../../error.ts'
import type { ObjectVersion } from '../../s3/version-page.ts'
import { parseSliceKey } from '../../trail/key.ts'
import type { ListedObject, LogObject } from '../../trail/log-object.ts'
import type { Slice } from '../../trail/slice.ts'
import { windowHolds } from '../../trail/window.ts'
import { keyFilter } from '../../work/key-filter.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { Outcome } from '../../work/outcome.ts'
import type { Selection } from '../../work/selection.ts'
import { listedTwins, type Twins } from '../../work/twins.ts'
import { type ArchiveVerdict, compareListed, compareWithFile, compareWithTwin } from './archive.ts'
import type { DeletingBucket } from './deletion-access.ts'
import type { PlanLedger } from './plan-ledger.ts'
import type { PlannedOptions } from './plan-lines.ts'
import { versionTwins } from './version-twins.ts'

/** Plain data: which objects are planned. */
export interface PlanJob {
  readonly verb: 'plan'
  readonly selection: Selection
  readonly options: PlannedOptions
}

/** Tells the ledger whether each listed object is planned, kept for a reason, or not selected. Logs must be listed before digests. */
export function planningAction(
  { selection, options }: PlanJob,
  ledger: PlanLedger,
  bucketOf: (label: string) => DeletingBucket,
  signal: AbortSignal,
): ObjectAction<DeletingBucket> {
  const { archivedIn, archivedDir } = options
  const isSelected = selecting(selection)
  const seen = (object: LogObject, account: string): Outcome => ({ status: 'done', account, object, bytes: 0 })

  const settle = (object: LogObject, account: string, verdict: ArchiveVerdict): Outcome => {
    if (verdict !== undefined) return ledger.keep(object, account, verdict)
    ledger.plan(object, account)
    return seen(object, account)
  }
  return {
    twins: twinsFor(options, isSelected, bucketOf, signal),
    take(object, account, bucket, twin) {
      if (!isSelected(object)) {
        ledger.remain(object)
        return seen(object, account)
      }
      if (object.etag === '') throw withoutEtag(object.key)
      if (object.kind === 'digest' && ledger.logsRemain(object)) return ledger.keep(object, account, 'logs-remain')
      if (archivedDir !== undefined) {
        return async () =>
          settle(object, account, await compareWithFile(object, archivedDir, bucket.source, signal).catch(notCompared))
      }
      const { archive } = bucket
      if (archivedIn !== undefined && archive !== undefined) {
        const listed = compareListed(object, twin as ListedObject | undefined)
        if (listed !== 'ask') return settle(object, account, listed === 'same' ? undefined : listed)
        const sides = { source: bucket.source, target: archive }
        const twinKey = archivedIn.prefix + object.key
        return async () =>
          settle(object, account, await compareWithTwin(object, twinKey, sides, signal).catch(notCompared))
      }
      if (options.versions) ledger.planVersions(object, account, (twin ?? []) as readonly ObjectVersion[])
      else ledger.plan(object, account)
      return seen(object, account)
    },
    close: () => Promise.resolve(),
  }
}

type Selected = (object: Pick<LogObject, 'key' | 'kind' | 'deliveredAtMs'>) => boolean

export function selecting(selection: Selection): Selected {
  const filter = keyFilter(selection)
  return ({ kind, deliveredAtMs, key }) =>
    selection.kinds.includes(kind) && windowHolds(selection.window, deliveredAtMs) && filter(key)
}

/** Versions, or objects of the archive, with the keys of selected objects. The listing beside other objects is not read. */
function twinsFor(
  { versions, archivedIn }: PlannedOptions,
  isSelected: Selected,
  bucketOf: (label: string) => DeletingBucket,
  signal: AbortSignal,
): ((slice: Slice) => Twins<unknown>) | undefined {
  if (!versions && archivedIn === undefined) return undefined
  return (slice) => {
    const { admin, archive: listing } = bucketOf(slice.account)
    if (!versions && listing === undefined) throw new Error(`the archive of ${slice.account} is not open`)
    const twins: Twins<unknown> =
      listing === undefined || archivedIn === undefined
        ? versionTwins(admin, slice.prefix, signal)
        : listedTwins(slice, { listing, prefix: archivedIn.prefix, signal })
    const isWanted = (key: string) => {
      const parts = parseSliceKey(key, slice)
      return parts !== undefined && isSelected({ ...parts, key })
    }
    return { of: (keys) => twins.of(keys.filter(isWanted)) }
  }
}

/** An object that cannot be compared stays. An interrupt stops everything. */
function notCompared(error: unknown): ArchiveVerdict {
  if (!(error instanceof CrosstrailError) || error.code === 'interrupted') throw error
  return 'not-compared'
}

function withoutEtag(key: string): CrosstrailError {
  return new CrosstrailError('bucket.malformed-answer', `the listing has no ETag for ${key}`, {
    hint: 'without it crosstrail cannot see whether the object was replaced later, so it cannot delete it safely',
  })
}
