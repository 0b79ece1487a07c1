import { defaultMaxInflatedBytes } from '../../records/inflated-limit.ts'
import { dayMs, hourMs } from '../../trail/calendar.ts'
import { everything, type Selection } from '../../work/selection.ts'
import { eventsRights } from '../events/options.ts'
import type { Rights } from '../rights.ts'
import { verifyRights } from '../verify/options.ts'

export interface ReportOptions {
  /**
   * What to report about, by the time of delivery. Without a start the bucket is read from 30 days before the end. Folders are read whole, up to their
   * newest digest, or without `keysFile` their newest log.
   */
  readonly selection: Selection
  /** Mirrors to report about instead of the bucket: folders in the layout of the bucket. */
  readonly dirs: readonly string[]
  /** A file with CloudTrail's public keys. Without it CloudTrail is asked about the bucket, and the digests in folders are not checked. */
  readonly keysFile?: string | undefined
  /** `s3://bucket/prefix` of places from which the logs were copied or moved. */
  readonly movedFrom: readonly string[]
  /** Reads each log and compares its hash. Otherwise only digests are read. */
  readonly verify: boolean
  /** Reads each log and counts events by name, user, error, source and address. */
  readonly events: boolean
  /** A log that is larger than this when unzipped fails. Default: 1 GiB. */
  readonly maxInflatedBytes: number
  /** Where runs left their journals. Default: the folder that `copy` and `delete` use, or that of the mirrors. */
  readonly journalDir?: string | undefined
  /** Called with the size of each log and digest that is counted, to show progress. */
  readonly onObject?: ((sizeBytes: number) => void) | undefined
}

export const reportDefaults = {
  selection: everything,
  dirs: [],
  movedFrom: [],
  verify: false,
  events: false,
  maxInflatedBytes: defaultMaxInflatedBytes,
} satisfies Partial<ReportOptions>

/** How far back a report about the bucket reads, if the window has no start. */
export const defaultSpanMs = 30 * dayMs

/** A log that S3 got later than this after the time in its name is late. */
export const lateAfterMs = hourMs

/** The rights of `verify`, and of reading the settings of the bucket, which a role may lack. With `events` also those of `events`. */
export function reportRights({ keysFile, events }: Pick<ReportOptions, 'keysFile' | 'events'>): Rights {
  const { allow, needs } = verifyRights({ keysFile })
  return {
    allow: events ? [...allow, ...eventsRights.allow] : allow,
    needs: [...new Set([...needs, ...(events ? eventsRights.needs : []), 'readProtection', 'readSettings'] as const)],
  }
}
