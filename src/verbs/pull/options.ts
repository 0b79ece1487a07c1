import type { SinkChoice } from '../../sinks/open-sink.ts'
import { dayMs } from '../../trail/calendar.ts'
import { everything, type Selection } from '../../work/selection.ts'
import { type CopyGoal } from '../copy/options.ts'
import { defaultMaxInflatedBytes } from '../../records/inflated-limit.ts'

/** Where pulled logs are copied to, as the copy verb is told. */
export type CopyingTo = CopyGoal & { readonly type: 's3' }

/** What a pull takes, where it goes, and how far it looks back. */
export interface PullOptions {
  /** Default: all logs of all accounts. Its window counts for nothing: coverage decides. */
  readonly selection: Selection
  /** The folder of the target: its coverage and lock lie in `.crosstrail` there. */
  readonly to: string
  /** What becomes of each log. Default: a file below `to`. */
  readonly sink: Exclude<SinkChoice, { readonly type: 's3' }> | CopyingTo
  /** Where the first pull begins. Later ones go on from their coverage. Default: a day ago. */
  readonly sinceMs?: number | undefined
  /** How late, and how much out of order, a log may come and still be found by the next pull. Default: a day. */
  readonly lookBackMs: number
  /** How late a log may come and still be found by a sweep. 0: no sweeps. Default: 30 days. */
  readonly sweepMs: number
  /** Takes again what of the look-back the folder, or the other bucket, lacks. Counts for nothing with a command and with events. */
  readonly verifyLocal: boolean
  /** A stream whose youngest log is older is a finding. */
  readonly maxLagMs?: number | undefined
  /** Asked before each object. The run waits for the promise that it gives, until it gives none: the reader is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
  /** Hears that the session of an account is open, and until when it lasts. */
  readonly onSession?: ((account: string, expiresAtMs: number) => void) | undefined
}

export const pullDefaults = {
  selection: everything,
  sink: { type: 'folder', decompress: false, maxInflatedBytes: defaultMaxInflatedBytes },
  lookBackMs: dayMs,
  sweepMs: 30 * dayMs,
  verifyLocal: false,
} satisfies Partial<PullOptions>
