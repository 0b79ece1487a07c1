import type { Rights } from '../rights.ts'
import type { DeleteJournal } from './read-journal.ts'

export interface ReadJournalOptions {
  /** A file, a FIFO or `/dev/stdin`. It is read once. Default: the journal of the newest delete of this trail. */
  readonly file?: string | undefined
  /** The folder of journals. Default: the user's state folder, `$XDG_STATE_HOME/crosstrail`, else `~/.local/state/crosstrail`. */
  readonly journalDir?: string | undefined
}

export interface RestoreOptions {
  /** From `readJournal`. */
  readonly journal: DeleteJournal
  /** Only check the versions: objects that would be restored are skipped as `dry-run`. */
  readonly dryRun: boolean
  /** The folder of the restore's own journal. Default: as for `readJournal`. */
  readonly journalDir?: string | undefined
}

export const restoreDefaults = { dryRun: false } satisfies Partial<RestoreOptions>

export const restoreRights: Rights = { allow: ['delete'], needs: ['listVersions', 'deleteVersions'] }
