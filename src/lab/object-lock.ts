import type { StoredObject } from './stored-object.ts'

/** What prevents the deletion of a version; the strictest lock if there are several. */
export type Lock = 'legal-hold' | 'compliance' | 'governance'

/** Returns the lock on a version at this time, undefined if there is none. A delete marker is never locked. */
export function lockOn(version: StoredObject, nowMs: number): Lock | undefined {
  if (version.isDeleteMarker) return undefined
  if (version.legalHold === true) return 'legal-hold'
  if (version.retention === undefined || version.retention.untilMs <= nowMs) return undefined
  return version.retention.mode === 'COMPLIANCE' ? 'compliance' : 'governance'
}
