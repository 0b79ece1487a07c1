import type { ObjectVersion } from '../../s3/version-page.ts'
import { minuteMs } from '../../trail/calendar.ts'
import type { JournalEntry } from './read-journal.ts'

export type MarkerChoice =
  /** `answered`: the delete's answer named it. */
  | { readonly choice: 'remove'; readonly versionId: string; readonly answered: boolean }
  /** The object exists. */
  | { readonly choice: 'present' }
  /** There is a marker, but nothing shows that the delete added it. */
  | { readonly choice: 'not-ours' }
  /** The journal names a marker, but it is an object. */
  | { readonly choice: 'not-a-marker' }
  | { readonly choice: 'gone' }

/** S3 refuses requests whose clock is off by more, so its own time of a marker can be earlier than ours by this much. */
const clockSkewMs = 15 * minuteMs

/**
 * Chooses the marker of a key that a restore removes. Versions come the newest first.
 *
 * | the journal names a marker | the key has | | |
 * | --- | --- | --- | --- |
 * | yes | it, and it is a marker | | removed |
 * | yes | it, and it is an object | | kept, failed: not a marker |
 * | | no versions | | failed: gone |
 * | | an object on top | | skipped: present |
 * | no | a marker on top | added since the delete was intended, above the planned ETag | removed |
 * | | a marker on top | otherwise | kept, failed: not ours |
 */
export function chooseMarker(entry: JournalEntry, versions: readonly ObjectVersion[] = []): MarkerChoice {
  const { markerVersionId, intendedAtMs, object } = entry
  const named = versions.find(({ versionId }) => versionId === markerVersionId)
  if (named?.isDeleteMarker === true) return { choice: 'remove', versionId: named.versionId, answered: true }
  if (named !== undefined) return { choice: 'not-a-marker' }
  const [top, below] = versions
  if (top === undefined || versions.every(({ isDeleteMarker }) => isDeleteMarker)) return { choice: 'gone' }
  if (!top.isDeleteMarker) return { choice: 'present' }
  const isOurs =
    markerVersionId === undefined &&
    top.lastModifiedMs >= intendedAtMs - clockSkewMs &&
    below?.isDeleteMarker === false &&
    below.etag === object.etag
  return isOurs ? { choice: 'remove', versionId: top.versionId, answered: false } : { choice: 'not-ours' }
}
