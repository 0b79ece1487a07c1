import { keyFilter } from '../../work/key-filter.ts'
import { run } from '../../work/run.ts'
import type { Host } from '../host.ts'
import { accessTrail } from '../trail-access.ts'
import type { EventsOptions } from './options.ts'
import type { EventsReport } from './report.ts'
import { logSelection } from './log-selection.ts'
import { runSearch } from './run-search.ts'
import { searchFolders } from './search-folders.ts'
import { journalledSearch } from './search-journal.ts'

/** Searches the bucket, or folders if any are given. */
export function searchEvents(options: EventsOptions, host: Host): Promise<EventsReport> {
  const { config, env, nowMs, journal } = host
  const isBucket = options.dirs.length === 0
  const where = { env, nowMs, journal, trail: isBucket ? config.trail : undefined }
  return journalledSearch(options, where, host.listener, (listener) =>
    (isBucket ? searchBucket : searchFolders)(options, { ...host, listener }),
  )
}

function searchBucket(options: EventsOptions, host: Host): Promise<EventsReport> {
  const selection = logSelection(options)
  // The names of all logs in the bucket are known, so no record decides whether its log is selected.
  const recordsOf = { logAccounts: [], regions: [], kinds: [] }
  return runSearch(
    options,
    { files: false, recordsOf, listener: host.listener, signal: host.signal },
    ({ work, onFull, listener }) => {
      const { request, keysOf } = accessTrail(
        { ...host, listener },
        { accounts: selection.accounts, rights: host.rights },
      )
      return run({
        ...request,
        selection,
        sorted: false,
        startWorker: (frame) => {
          onFull(frame.onLimit)
          return host.work(frame, { ...work, filter: keyFilter(selection), keysOf })
        },
      })
    },
  )
}
