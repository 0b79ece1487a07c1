import { expect, test } from 'vitest'
import type { ObjectVersion } from '../../../src/s3/version-page.ts'
import type { JournalEntry } from '../../../src/verbs/restore/read-journal.ts'
import { chooseMarker } from '../../../src/verbs/restore/marker-choice.ts'
import { day, hour, log, version } from '../delete/plan-world.ts'

const object = log(1)
const intendedAtMs = day + hour
const named: JournalEntry = { account: 'Z', object, intendedAtMs, markerVersionId: 'm' }
const unanswered: JournalEntry = { ...named, markerVersionId: undefined }
const data = version(object.key, 'v')
const otherData = version(object.key, 'w', { etag: 'f'.repeat(32) })
const marker = version(object.key, 'm', {
  isDeleteMarker: true,
  isLatest: true,
  etag: '',
  lastModifiedMs: intendedAtMs,
})
const older = { ...marker, versionId: 'old', lastModifiedMs: intendedAtMs - hour }
const removed = (answered: boolean) => ({ choice: 'remove', versionId: 'm', answered })

test.each<readonly [string, JournalEntry, readonly ObjectVersion[] | undefined, object]>([
  ['the named marker on top', named, [marker, data], removed(true)],
  ['the named marker below a later one', named, [older, marker, data], removed(true)],
  ['a named marker that is an object', { ...named, markerVersionId: 'v' }, [marker, data], { choice: 'not-a-marker' }],
  ['an object, the named marker gone', named, [data], { choice: 'present' }],
  ["somebody else's marker, the named one gone", named, [older, data], { choice: 'not-ours' }],
  ['no versions', named, undefined, { choice: 'gone' }],
  ['markers alone', unanswered, [marker], { choice: 'gone' }],
  ['no answer, and a new marker over the planned version', unanswered, [marker, data], removed(false)],
  ['no answer, and a new marker over another version', unanswered, [marker, otherData], { choice: 'not-ours' }],
  ['no answer, and a marker of before', unanswered, [older, data], { choice: 'not-ours' }],
  ['no answer, and two markers', unanswered, [marker, older, data], { choice: 'not-ours' }],
  ['no answer, and no marker', unanswered, [data], { choice: 'present' }],
])('chooses for %s', (_name, entry, versions, choice) => {
  expect(chooseMarker(entry, versions)).toEqual(choice)
})
