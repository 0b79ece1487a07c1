import type { ObjectVersion } from '../../s3/version-page.ts'
import { minuteMs } from '../../trail/calendar.ts'
import type { JournalEntry } from './read-journal.ts'

export type MarkerChoice =
  /** `answered`: the delete's answer named it. */
  | { readonly choice: 'remove'; readonly versionId: string; readonly answered: boolean }
  /** The object is there. */
  | { readonly choice: 'present' }
  /** There is a marker, and nothing says that the delete made it. */
  | { readonly choice: 'not-ours' }
  /** What the journal calls a marker is an object. */
  | { readonly choice: 'not-a-marker' }
  | { readonly choice: 'gone' }

/** S3 refuses requests whose clock is further off than that, so that its own time of a marker may be so much earlier than ours. */
const clockSkewMs = 15 * minuteMs

/**
 * Which marker of a key a restore removes. Versions come the newest first.
 *
 * | the journal names a marker | the key has | | |
 * | --- | --- | --- | --- |
 * | yes | it, and it is a marker | | removed |
 * | yes | it, and it is an object | | left, a failure: not a marker |
 * | | no versions | | left, a failure: gone |
 * | | an object on top | | nothing to do: present |
 * | no | a marker on top | since the delete was intended, and below it the planned ETag | removed, as ours |
 * | | a marker on top | else | left, a failure: not ours |
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
