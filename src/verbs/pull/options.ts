import type { SinkChoice } from '../../sinks/open-sink.ts'
import { dayMs, hourMs, minuteMs } from '../../trail/calendar.ts'
import { everything, type Selection } from '../../work/selection.ts'
import type { PullQueue } from './queue/options.ts'
import { type CopyGoal } from '../copy/options.ts'
import { type VerifyTakenOptions, verifyTakenDefaults } from '../verify/options.ts'
import { defaultMaxInflatedBytes } from '../../records/inflated-limit.ts'

/** Where pulled logs are copied to, in the form of `copy`. */
export type CopyingTo = CopyGoal & { readonly type: 's3' }

/** Where and how events become a Parquet dataset. */
export type DatasetTo = Omit<Extract<SinkChoice, { readonly type: 'parquet' }>, 'to'> & {
  /** The bucket of the dataset. Default: the dataset is in the folder of the target. */
  readonly bucket?: CopyGoal | undefined
}

/** The options of `pull`. */
export interface PullOptions extends VerifyTakenOptions {
  /** Default: all logs of all accounts. The window is ignored: coverage decides. */
  readonly selection: Selection
  /** The folder of the target. Its coverage and lock are in `.crosstrail` there. */
  readonly to: string
  /** What to do with each log. Default: write a file below `to`. */
  readonly sink: Exclude<SinkChoice, { readonly type: 's3' | 'parquet' }> | CopyingTo | DatasetTo
  /** Where the first pull begins. Later pulls continue from coverage. Default: a day ago. */
  readonly sinceMs?: number | undefined
  /** How late or out of order a log may come so that the next pull still finds it. Default: a day. */
  readonly lookBackMs: number
  /** How late a log may come so that a sweep still finds it. 0: no sweeps. Default: 30 days. */
  readonly sweepMs: number
  /** Takes logs of the look-back again if the folder or the target bucket does not have them. Ignored with a command and with events. */
  readonly verifyLocal: boolean
  /** A queue that announces logs. Default: the pull only lists. */
  readonly queue?: PullQueue | undefined
  /** A stream whose newest log is older than this is a finding. */
  readonly maxLagMs?: number | undefined
  /** Called before each object. While it returns a promise, the run waits for it, because the reader is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
  /** Called when an account's session is open, with the time when it expires. */
  readonly onSession?: ((account: string, expiresAtMs: number) => void) | undefined
}

/** How queues are used unless something else is asked. */
export const queueDefaults = {
  reconcileMs: hourMs,
  /** S3 usually announces an object within seconds, and sometimes after more than a minute. */
  graceMs: 5 * minuteMs,
  /** Usual redrive policies give a message up after three to ten deliveries. */
  maxReceives: 10,
  maxMissed: 0.01,
  foreign: 'leave',
} as const

export const pullDefaults = {
  selection: everything,
  sink: { type: 'folder', decompress: false, maxInflatedBytes: defaultMaxInflatedBytes },
  lookBackMs: dayMs,
  sweepMs: 30 * dayMs,
  verifyLocal: false,
  ...verifyTakenDefaults,
} satisfies Partial<PullOptions>
