import type { TrailLayout } from '../trail/trail.ts'
import type { Assignment, ReadingAccount } from '../work/assignment.ts'
import type { Listing } from '../work/plan.ts'
import type { RunListener } from '../work/run-event.ts'
import type { WorkerFrame } from '../work/run.ts'
import type { Selection } from '../work/selection.ts'
import type { SliceWorker } from '../work/slice-worker.ts'

/** What a verb is given to run on. `J` is what its worker is made from. */
export interface VerbHost<J> {
  readonly layout: TrailLayout
  /** The chosen accounts. */
  readonly accounts: readonly ReadingAccount[]
  readonly openBucket: (assignment: Assignment) => Promise<Listing>
  readonly startWorker: (frame: WorkerFrame, job: J) => SliceWorker
  readonly listener: RunListener
  readonly signal: AbortSignal
}

export interface VerbRequest {
  readonly selection: Selection
}
