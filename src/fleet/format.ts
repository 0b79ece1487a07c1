import type { AccountId } from '../trail/account-id.ts'
import type { Kind } from '../trail/kind.ts'
import type { Selection } from '../work/selection.ts'
import type { RunReport } from '../work/run-event.ts'
import type { Tally } from '../work/tally.ts'

/** Submitters and workers must agree on it. It changes when what follows changes. */
export const jobFormat = 1

/** The verbs that a fleet runs. */
export const fleetVerbs = ['copy', 'download', 'verify', 'events'] as const
export type FleetVerb = (typeof fleetVerbs)[number]

/** What a run does. Plain data, without secrets and without anything from the config. */
export interface FleetRequest {
  readonly verb: FleetVerb
  /** The options of the verb without its selection, as JSON carries them: neither callbacks nor the folder of the journal. */
  readonly options: Readonly<Record<string, unknown>>
  readonly selection: Selection
}

/** How a label resolves. A worker whose config says something else must not run the slice. */
export interface SlicePlace {
  readonly account: string
  readonly role: string
  readonly bucket: string
  readonly owner: AccountId
  readonly prefix: string
  readonly organization?: string | undefined
  /** If another account writes: its role. */
  readonly writerRole?: string | undefined
}

/** The unit of work that a worker takes. Plain data. */
export interface FleetSlice {
  /** Depends only on what follows. No colon. */
  readonly id: string
  readonly place: SlicePlace
  readonly logAccount: AccountId
  /** Undefined: all selected regions, because none of them has many logs. */
  readonly region?: string | undefined
  /** Undefined: all selected kinds, because digests and their logs are verified together. */
  readonly kind?: Kind | undefined
  /** The time of delivery: `[fromMs, toMs)`. */
  readonly fromMs: number
  readonly toMs: number
  /** If true, no slice of the run has anything to verify, so that this one must say so. */
  readonly isEmptyRun?: boolean | undefined
}

/** What became of a slice: what its journal would say. Plain data. */
export interface SliceResult {
  /** The worker that ran it. */
  readonly worker: string
  readonly tally: Tally
  readonly interrupted: boolean
  /** The error code that stopped an account, by its label, and under `*` what stopped all. */
  readonly stopped: Readonly<Record<string, string>>
  /** How many findings it has of each code. */
  readonly findings: Readonly<Record<string, number>>
  /** Its failures and findings, as journals have them, up to a limit. */
  readonly lines: readonly Readonly<Record<string, unknown>>[]
  /** How many lines are only in the journal of the worker. */
  readonly omittedLines: number
  readonly seconds: number
}

/** The slices of a run. All of them together are exactly its selection. */
export interface FleetPlan {
  readonly slices: readonly FleetSlice[]
  /** Which accounts could not be planned, and which names the bucket does not have. */
  readonly report: RunReport
}
