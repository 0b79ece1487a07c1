import { wrongValue } from '../config/text-value.ts'
import { eventsDefaults, type EventsOptions, type ExportOptions, type QueryOptions } from '../verbs/events/options.ts'
import type { EventsReport, ExportReport, QueryReport } from '../verbs/events/report.ts'
import type { Given } from '../verbs/verb.ts'
import { asked } from '../verbs/verb.ts'
import type { RunListener } from '../work/run-event.ts'
import { demandSense } from './demand-sense.ts'
import { type FolderOptions, folderShare } from './folder-share.ts'
import { sourceWork } from './slice-work.ts'

/**
 * Finds the records of events in folders, like `Crosstrail.events` with `dirs`. It needs no config and no credentials, and uses no network.
 * Rejects with `usage.…`. If a folder does not exist, the report has the error `disk.not-found`.
 */
export async function searchFolders(
  given: Given<EventsOptions, typeof eventsDefaults>,
  options: FolderOptions = {},
  listener?: RunListener,
): Promise<EventsReport> {
  return (await searchIn(options, listener))(sensible(asked(given, eventsDefaults)))
}

/** Runs one SELECT over the events in folders, as `Crosstrail.queryEvents` does with `dirs`. It needs no config and no credentials. */
export async function queryFolders(
  given: Given<QueryOptions, typeof eventsDefaults>,
  options: FolderOptions = {},
  listener?: RunListener,
): Promise<QueryReport> {
  const { queryEvents } = await import('../verbs/events/query-events.ts')
  const { signal = new AbortController().signal } = options
  return queryEvents(sensible(asked(given, eventsDefaults)), await searchIn(options, listener), signal)
}

/**
 * Writes the events in folders into a Parquet dataset in a folder, as `Crosstrail.exportEvents` does with `dirs`. It needs no config and no
 * credentials.
 */
export async function exportFolders(
  given: Given<ExportOptions & { readonly to: string }, typeof eventsDefaults>,
  options: FolderOptions = {},
  listener?: RunListener,
): Promise<ExportReport> {
  const { exportToFolder } = await import('../verbs/events/export-to-folder.ts')
  return exportToFolder(sensible(asked(given, eventsDefaults)), await searchIn(options, listener))
}

function sensible<Options extends Pick<EventsOptions, 'dirs'>>(options: Options): Options {
  if (options.dirs.length === 0) throw wrongValue('dirs', '[]', 'at least one folder or file')
  return demandSense(options, Date.now())
}

async function searchIn(
  { signal = new AbortController().signal, threads }: FolderOptions,
  listener: RunListener = () => undefined,
): Promise<(options: EventsOptions) => Promise<EventsReport>> {
  const { searchFolders: search } = await import('../verbs/events/search-folders.ts')
  const share = folderShare({ threads })
  const { journalledSearch } = await import('../verbs/events/search-journal.ts')
  const where = { env: process.env, nowMs: Date.now() }
  return (options) =>
    journalledSearch(options, where, listener, (hearing) =>
      search(options, { signal, listener: hearing, workOn: sourceWork(share) }),
    )
}
