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

/** A chain goes on if its next digest may still come. */
export const aliveMs = hourMs + graceMs

/** The end of the next period after a log, and until its digest is due. */
const waitMs = 2 * hourMs + graceMs + stampMs

/**
 * Returns how far a stream can be verified. `endMs` is the end of the newest digest of the chain that is furthest behind, of those that go
 * on. Without any, time alone decides, in steps of an hour, so that not every pull reads digests.
 */
export function dueUntil(endMs: number | undefined, nowMs: number): DueUntil {
  const overdueMs = Math.floor((nowMs - waitMs) / hourMs) * hourMs
  if (endMs !== undefined && endMs - reachMs > overdueMs) return { logsMs: endMs - reachMs, periodsMs: endMs }
  return { logsMs: overdueMs, periodsMs: overdueMs + reachMs + hourMs }
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
