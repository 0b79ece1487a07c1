import type { CrosstrailError } from '../../error.ts'
import type { BucketProtection } from '../../s3/bucket-admin.ts'
import type { RunReport } from '../../work/run-event.ts'
import type { ProofReport } from '../verify/report.ts'
import type { DeletePlan } from './plan-lines.ts'

/** A plan, and what to know before it is carried out. */
export interface ReadyPlan {
  readonly plan: DeletePlan
  /** False if the plan has no file, because of `keep: false` or a safety limit. */
  readonly isKept: boolean
  readonly protection: BucketProtection
  /** One error for each safety limit that the plan exceeds. `delete` throws the first of them. */
  readonly refusals: readonly CrosstrailError[]
  /** The LIST calls that were made for it, and the DeleteObjects calls that it needs at least. */
  readonly listCalls: number
  readonly deleteCalls: number
}

export interface PlannedDelete {
  /** The report of the listing: planned objects are done, and objects that stay for a reason are skipped. */
  readonly report: RunReport
  /** Undefined if something could not be listed, because then no deletion is known to be safe. */
  readonly ready?: ReadyPlan | undefined
  /**
   * What was proven, and what was not. Set with `verified`. Logs that a digest lists and that are not there are no finding, because they may
   * have been deleted before.
   */
  readonly proof?: ProofReport | undefined
}
