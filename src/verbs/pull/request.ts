import type { CopySides } from '../../sinks/bucket/sides.ts'
import type { SinkChoice } from '../../sinks/open-sink.ts'
import type { Selection } from '../../work/selection.ts'

export interface PullRequest {
  /** The window of the selection counts for nothing: coverage decides. */
  readonly selection: Selection
  /** The target: its coverage and lock lie in `to/.crosstrail`. */
  readonly to: string
  /** The trail's bucket: coverage of one is never used for another. */
  readonly bucket: string
  readonly sink: SinkChoice
  /** Of a sink in a bucket: both ends, as an account whose session is open has them. */
  readonly sidesOf?: ((account: string) => CopySides) | undefined
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
