import { keyFilter } from '../../work/key-filter.ts'
import { run } from '../../work/run.ts'
import type { Host } from '../host.ts'
import { accessTrail } from '../trail-access.ts'
import type { EventsOptions } from './options.ts'
import type { EventsReport } from './report.ts'
import { logSelection } from './log-selection.ts'
import { runSearch } from './run-search.ts'
import { searchFolders } from './search-folders.ts'

/** Searches the bucket, or folders if any are given. */
export function searchEvents(options: EventsOptions, host: Host): Promise<EventsReport> {
  return options.dirs.length > 0 ? searchFolders(options, host) : searchBucket(options, host)
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
