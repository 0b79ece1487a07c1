import { keysFrom, withVerification } from '../verify/options.ts'
import { parseDestination } from '../../sinks/bucket/destination.ts'
import type { RunReport } from '../../work/run-event.ts'
import type { Verb } from '../verb.ts'
import {
  type CheckPlanOptions,
  type DeleteOptions,
  deleteRights,
  planDeleteDefaults,
  type PlanDeleteOptions,
  plannedRights,
  type ReadPlanOptions,
  safetyDefaults,
  type SafetyLimits,
} from './options.ts'
import type { DeletePlan } from './plan-lines.ts'
import type { PlannedDelete, ReadyPlan } from './ready-plan.ts'

/**
 * Lists the log accounts and regions of the selection, and writes a plan of what to delete. Deletes nothing.
 * Throws `usage.missing-option`, `usage.conflict`, `usage.plan-exists`, `usage.plan-too-large`, `config.public-key`, `disk.…`, and `access.verb-not-allowed`
 * before any call.
 */
export const planDelete: Verb<PlanDeleteOptions, typeof planDeleteDefaults, PlannedDelete> = {
  name: 'delete --plan',
  defaults: planDeleteDefaults,
  rights({ archivedIn, ...options }) {
    const target = archivedIn === undefined ? undefined : parseDestination(archivedIn)
    return withVerification(deleteRights({ ...options, target }), keysFrom(options))
  },
  run: async (options, host) => (await import('./make-plan.ts')).makePlan(options, host),
}

/**
 * Reads a plan once, and keeps a copy of it, without a name, until crosstrail is closed. Sends nothing.
 * Throws `usage.plan-edited`, `usage.not-a-plan`, `usage.unreadable-file`, `disk.…`.
 */
export const readPlan: Verb<ReadPlanOptions, Pick<ReadPlanOptions, 'journalDir'>, DeletePlan> = {
  name: 'delete --from-plan',
  defaults: { journalDir: undefined },
  run: async (options, host) => (await import('./plan-reader.ts')).openPlan(options, host),
}

/** Compares a plan with the safety limits, and reads the bucket's protection. Deletes nothing. Throws `usage.plan-foreign`, `access.…`. */
export const checkPlan: Verb<CheckPlanOptions, SafetyLimits, ReadyPlan> = {
  name: 'delete --dry-run',
  defaults: safetyDefaults,
  rights: plannedRights,
  run: async (options, host) => (await import('./carry-out.ts')).check(options, host),
}

/**
 * Deletes exactly what a plan names, and writes a journal. Throws `usage.delete-…` if the plan exceeds a safety limit, `usage.plan-edited`
 * if its file has changed, `usage.plan-foreign`, and `disk.journal` before the first deletion.
 */
export const deletePlanned: Verb<DeleteOptions, SafetyLimits, RunReport> = {
  name: 'delete',
  defaults: safetyDefaults,
  rights: plannedRights,
  run: async (options, host) => (await import('./carry-out.ts')).carryOut(options, host),
}
