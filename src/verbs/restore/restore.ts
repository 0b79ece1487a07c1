import type { Verb } from '../verb.ts'
import { type ReadJournalOptions, restoreDefaults, type RestoreOptions, restoreRights } from './options.ts'
import type { DeleteJournal } from './read-journal.ts'
import type { RestoreReport } from './remove-markers.ts'

/**
 * Reads the journal of a delete once, and keeps a copy of it, without a name, until crosstrail is closed. Sends nothing.
 * Throws `usage.no-journal`, `usage.not-a-journal`, `usage.journal-…`, `usage.unreadable-file`, `disk.…`.
 */
export const readJournal: Verb<ReadJournalOptions, ReadJournalOptions, DeleteJournal> = {
  name: 'restore --journal',
  defaults: { file: undefined, journalDir: undefined },
  run: async (options, host) => (await import('./open-journal.ts')).openJournal(options, host),
}

/**
 * Removes the delete markers that a delete added, so that its objects are visible again. Removes no other marker, and never an object.
 * Throws `access.verb-not-allowed` before any call, and `disk.journal` before the first removal.
 */
export const restore: Verb<RestoreOptions, typeof restoreDefaults, RestoreReport> = {
  name: 'restore',
  defaults: restoreDefaults,
  rights: () => restoreRights,
  run: async (options, host) => (await import('./remove-markers.ts')).removeMarkers(options, host),
}
