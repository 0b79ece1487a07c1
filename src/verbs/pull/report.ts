import type { AccountId } from '../../trail/account-id.ts'
import type { Kind } from '../../trail/kind.ts'
import type { RunReport } from '../../work/run-event.ts'

/** The stream of logs of one log account, region and kind. */
export interface StreamName {
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
}

/** How far one stream has been taken. Times in milliseconds since the epoch, those of objects by S3's clock. */
export interface StreamStatus extends StreamName {
  /** All that appeared in the bucket before it is taken, what is owed apart. Undefined: no pull has come to its end yet, or it lies in the future. */
  readonly throughMs?: number | undefined
  /** The youngest object taken. */
  readonly newestDeliveredAtMs?: number | undefined
  /** How long ago that was. */
  readonly lagMs?: number | undefined
  /** Taken so far, by all pulls. */
  readonly objects: number
  readonly bytes: number
  /** Taken by this pull. */
  readonly newObjects: number
  readonly newBytes: number
  /** When a pull last took something new, by the clock here. */
  readonly lastNewMs?: number | undefined
  /** When a pull last listed it to its end, by the clock here: what is quiet was listed since its newest log, and had no newer one. */
  readonly lastListedMs?: number | undefined
  /** Objects that are listed and not taken (they failed, or are archived), and logs that a digest lists and the bucket lacks. */
  readonly gaps: number
}

export const findingCodes = ['pull.silent', 'pull.gap', 'pull.lag', 'pull.not-in-bucket'] as const

/** Something that should be and isn't: of a stream, or of what the selection names. */
export interface Finding extends Partial<StreamName> {
  /**
   * It used to deliver and stopped; a log that should be there is not, or could not be taken; the youngest log is too old; the bucket has no
   * folder of a name of the selection.
   */
  readonly code: (typeof findingCodes)[number]
  readonly message: string
}

export interface PullReport extends RunReport {
  /** In the order of log account, kind and region. */
  readonly streams: readonly StreamStatus[]
  /** It looked as far back as a log may come late. */
  readonly sweep: boolean
  /** There was no coverage before. */
  readonly firstRun: boolean
  /** Since when everything is taken: `--since` of the first run. */
  readonly sinceMs: number
  readonly findings: readonly Finding[]
}
