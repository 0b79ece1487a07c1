import { dayMs } from '../trail/calendar.ts'
import type { StoredObject } from './stored-object.ts'

/** Returns what a finished restore changes: a copy that is readable until a midnight or, for archived INTELLIGENT_TIERING, the object itself. */
export function restoreDone(
  { restore }: StoredObject,
  nowMs: number,
): Pick<StoredObject, 'restore'> & { isArchivedTier?: boolean } {
  if (restore?.days === undefined) return { restore: undefined, isArchivedTier: false }
  return { restore: { ongoing: false, days: restore.days, expiresAtMs: restoreExpiryMs(nowMs, restore.days) } }
}

/** S3 counts the days from now and rounds up to the next midnight UTC. */
export function restoreExpiryMs(nowMs: number, days: number): number {
  return Math.ceil((nowMs + days * dayMs) / dayMs) * dayMs
}
