import type { AccountId } from '../../trail/account-id.ts'
import type { Kind } from '../../trail/kind.ts'
import type { Heard } from './queue/heard.ts'
import type { RunReport } from '../../work/run-event.ts'
import type { VerifyReport } from '../verify/report.ts'

/** The name of a stream: the logs of one log account, region and kind. */
export interface StreamName {
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
}

/** How far one stream has been taken. Times are in milliseconds since the epoch; those of objects are by S3's clock. */
export interface StreamStatus extends StreamName {
  /** Everything that appeared in the bucket before it was taken, except gaps. Undefined if no pull has reached its end yet, or if it is in the future. */
  readonly throughMs?: number | undefined
  /** LastModified of the newest object taken. */
  readonly newestDeliveredAtMs?: number | undefined
  /** How long ago that was. */
  readonly lagMs?: number | undefined
  /** Taken so far, by all pulls. */
  readonly objects: number
  readonly bytes: number
  /** Taken by this pull. */
  readonly newObjects: number
  readonly newBytes: number
  /** With `verify`: logs that were delivered before it are verified, or a finding said why not; for digests, periods that ended until then. */
  readonly verifiedUntilMs?: number | undefined
  /** When a pull last took something new, by this machine's clock. */
  readonly lastNewMs?: number | undefined
  /** When a pull last listed it to its end, by this machine's clock. It shows that a quiet stream was listed and had nothing newer. */
  readonly lastListedMs?: number | undefined
  /** The number of objects that are listed but not taken (failed or archived), and of logs that a digest lists and the bucket does not have. */
  readonly gaps: number
}

export const findingCodes = [
  'pull.silent',
  'pull.gap',
  'pull.lag',
  'pull.not-in-bucket',
  'pull.unannounced',
  'pull.stuck-message',
] as const

/** Something a person must know, about a stream or about a name in the selection. */
export interface Finding extends Partial<StreamName> {
  /**
   * `pull.silent`: the stream used to deliver and stopped. `pull.gap`: a log is missing or could not be taken. `pull.lag`: the newest log is too
   * old. `pull.not-in-bucket`: the bucket has no folder for a name in the selection. `pull.unannounced`: a queue did not announce logs that a listing
   * found. `pull.stuck-message`: a message stays in a queue.
   */
  readonly code: (typeof findingCodes)[number]
  readonly message: string
}

export interface PullReport extends RunReport {
  /** In the order of log account, kind and region. */
  readonly streams: readonly StreamStatus[]
  /** Whether the pull swept: it listed as far back as a log may come late. */
  readonly sweep: boolean
  /** Whether there was no coverage before. */
  readonly firstRun: boolean
  /** The time from which everything is taken: `--since` of the first run. */
  readonly sinceMs: number
  readonly findings: readonly Finding[]
  /** What a pull that listened to a queue took. Undefined for other pulls. */
  readonly heard?: Heard | undefined
  /** With `verify`: what became due since the last verification. Undefined if the pull did not get there. Its findings are not in `findings`. */
  readonly verified?: VerifyReport | undefined
}
