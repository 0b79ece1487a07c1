import { hourMs } from '../../trail/calendar.ts'
import { reachMs, stampMs } from '../verify/log-join.ts'
import { graceMs } from '../verify/stream-rules.ts'

/** How far a stream can be verified now. */
export interface DueUntil {
  /** All digests that can list a log that was delivered before are there, or are missing. */
  readonly logsMs: number
  /** Periods that end until then can be judged. */
  readonly periodsMs: number
}

/** Chains without a digest for so long are not waited for. */
export const recentMs = 12 * hourMs

/** The end of the next period after a log, and until its digest is due. */
const waitMs = 2 * hourMs + graceMs + stampMs

/**
 * Returns how far a stream can be verified. `newestMs` are the ends of the newest digests of its chains. The chain that is furthest behind
 * decides. Without any, time alone decides, in steps of an hour, so that not every pull reads digests.
 */
export function dueUntil(newestMs: readonly number[], nowMs: number): DueUntil {
  if (newestMs.length > 0) {
    const periodsMs = Math.min(...newestMs.map((endMs) => judgedUntil(endMs, nowMs)))
    return { logsMs: periodsMs - reachMs, periodsMs }
  }
  const overdueMs = Math.floor((nowMs - waitMs) / hourMs) * hourMs
  return { logsMs: overdueMs, periodsMs: overdueMs + reachMs + hourMs }
}

/** The end of the last period of a chain whose digest is there, or is missing because it is due. */
function judgedUntil(endMs: number, nowMs: number): number {
  return endMs + Math.max(0, Math.floor((nowMs - graceMs - endMs) / hourMs)) * hourMs
}

/** Whether nothing more can be due than at the last verification, so that no digest needs to be looked for. */
export function isNothingDue(
  { logsMs, periodsMs }: { readonly logsMs: number | undefined; readonly periodsMs: number | undefined },
  nowMs: number,
): boolean {
  if (logsMs === undefined || periodsMs === undefined) return false
  const isReopened = logsMs + reachMs + hourMs < periodsMs
  return !isReopened && nowMs < periodsMs + hourMs
}
