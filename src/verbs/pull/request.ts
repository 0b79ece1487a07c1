import type { CopySides, TargetSide } from '../../sinks/bucket/sides.ts'
import type { SinkChoice } from '../../sinks/open-sink.ts'
import type { PullQueue } from './queue/options.ts'
import type { Selection } from '../../work/selection.ts'

export interface PullRequest {
  /** The window is ignored: coverage decides. */
  readonly selection: Selection
  /** The target. Its coverage and lock are in `to/.crosstrail`. */
  readonly to: string
  /** The trail's bucket. The coverage of one bucket is never used for another. */
  readonly bucket: string
  readonly sink: SinkChoice
  /** For a sink in a bucket: returns source and target through an account whose session is open. */
  readonly sidesOf?: ((account: string) => CopySides) | undefined
  /** For a dataset in a bucket: returns the bucket through the session that writes. */
  readonly openSide?: (() => Promise<TargetSide>) | undefined
  /** Where the first run begins. Later runs continue from coverage. */
  readonly sinceMs: number
  /** How late or out of order a log may come so that the next pull still finds it. */
  readonly lookBackMs: number
  /** How late a log may come so that a sweep still finds it. 0: no sweeps. */
  readonly sweepMs: number
  readonly sweepEveryMs: number
  /** Takes logs of the look-back again if the folder or the target bucket does not have them. Ignored with a command and with events. */
  readonly verifyLocal: boolean
  /** A queue that announces logs. */
  readonly queue?: PullQueue | undefined
  /** A stream whose newest log is older than this is a finding. */
  readonly maxLagMs?: number | undefined
  /** This machine's clock. It decides when to sweep and what to show, never what to take. */
  readonly nowMs: () => number
  readonly runId: string
  /** What the journal says about the run besides its options. No secrets. */
  readonly about: Readonly<Record<string, unknown>>
}
