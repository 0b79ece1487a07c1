import type { RunListener } from '../../work/run-event.ts'
import { type JournalledRun, withJournal } from '../run-journal.ts'
import type { EventsOptions } from './options.ts'
import type { EventsReport } from './report.ts'

/** Searches with the listener that `searching` gets, and keeps the outcomes of logs in a journal, if one is asked for. */
export function journalledSearch(
  options: EventsOptions,
  where: Pick<JournalledRun, 'env' | 'nowMs' | 'trail' | 'journal'>,
  listener: RunListener,
  searching: (listener: RunListener) => Promise<EventsReport>,
): Promise<EventsReport> {
  const { selection, dirs, journalDir, window, lateMs, conditions, unique } = options
  const run = { ...where, verb: 'events', selection, dirs, journalDir } as const
  return withJournal({ ...run, options: { window, lateMs, conditions, unique } }, listener, searching)
}
