import { copySource } from '../delete/source-copy.ts'
import type { Host } from '../host.ts'
import { journalFolder } from '../journal-folder.ts'
import { newestDelete } from './newest-journal.ts'
import type { ReadJournalOptions } from './options.ts'
import { type DeleteJournal, readDeleteJournal } from './read-journal.ts'

export async function openJournal({ file, journalDir }: ReadJournalOptions, host: Host): Promise<DeleteJournal> {
  const { config, env, signal, whenClosed } = host
  const stateFolder = journalFolder(journalDir, env)
  const named = file ?? (await newestDelete(stateFolder, config.trail, signal))
  const copy = await copySource(named, { stateFolder, signal })
  whenClosed(() => copy.close())
  return readDeleteJournal(copy, config.trail, signal)
}
