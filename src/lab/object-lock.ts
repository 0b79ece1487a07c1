import type { StoredObject } from './stored-object.ts'

/** What keeps a version from being deleted; the strictest of several. Undefined where nothing does. */
export type Lock = 'legal-hold' | 'compliance' | 'governance'

/** The lock on a version now. A delete marker is never locked, and a retention ends by itself. */
export function lockOn(version: StoredObject, nowMs: number): Lock | undefined {
  if (version.isDeleteMarker) return undefined
  if (version.legalHold === true) return 'legal-hold'
  if (version.retention === undefined || version.retention.untilMs <= nowMs) return undefined
  return version.retention.mode === 'COMPLIANCE' ? 'compliance' : 'governance'
}
