import type { CopySides } from '../../sinks/bucket/sides.ts'
import type { CopyDestination } from '../../sinks/bucket/destination.ts'
import type { VerbRequest } from '../verb-host.ts'

/** Where pulled logs go. */
export type SinkChoice =
  /** Files below `to`, mirrored as download does. */
  | { readonly type: 'folder'; readonly decompress: boolean; readonly maxInflatedBytes: number }
  /** The same, and a command for each file: `{}` in it stands for the file's path. */
  | {
      readonly type: 'exec'
      readonly decompress: boolean
      readonly maxInflatedBytes: number
      readonly command: string
      /** Commands at a time. */
      readonly atATime: number
    }
  /** One event a line, in files below `to` that appear when they are full or old enough. */
  | {
      readonly type: 'ndjson'
      readonly rotate: Rotation
      /** The file that grows appears at the end of the pull, too: no other pull is known to come. */
      readonly publishAtEnd: boolean
      readonly maxInflatedBytes: number
    }
  /** Copies in another bucket. `sidesOf`: as the copy verb is given them. */
  | { readonly type: 's3'; readonly to: CopyDestination; readonly sidesOf: (account: string) => CopySides }

/** A file is closed as soon as one of them is reached. */
export interface Rotation {
  readonly everyMs?: number | undefined
  readonly sizeBytes?: number | undefined
}

export interface PullRequest extends VerbRequest {
  /** The window of the selection counts for nothing: coverage decides. */
  readonly selection: VerbRequest['selection']
  /** The target: its coverage and lock lie in `to/.crosstrail`. */
  readonly to: string
  /** The trail's bucket: coverage of one is never used for another. */
  readonly bucket: string
  readonly sink: SinkChoice
  /** Where the first run begins. Later runs go on from their coverage. */
  readonly sinceMs: number
  /** How late, and how much out of order, a log may come and still be found by the next pull. */
  readonly lookBackMs: number
  /** How late a log may come and still be found by a sweep. 0: no sweeps. */
  readonly sweepMs: number
  readonly sweepEveryMs: number
  /** Takes again what of the look-back the folder, or the other bucket, lacks. Counts for nothing with a command and with events. */
  readonly verifyLocal: boolean
  /** A stream whose youngest log is older is a finding. */
  readonly maxLagMs?: number | undefined
  /** The clock here. It decides when to sweep and what to show, never what to take. */
  readonly nowMs: () => number
  readonly runId: string
  /** What the journal says of the run besides its options: no secret. */
  readonly about: Readonly<Record<string, unknown>>
}
