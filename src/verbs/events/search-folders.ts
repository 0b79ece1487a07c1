import { basename } from 'node:path'
import type { AccountId } from '../../trail/account-id.ts'
import { isInShard } from '../../trail/shard.ts'
import { windowHolds } from '../../trail/window.ts'
import { folderSource, type LogFile } from '../../work/folder-source.ts'
import { keyFilter } from '../../work/key-filter.ts'
import type { Listing } from '../../work/plan.ts'
import { runSource } from '../../work/run.ts'
import type { Selection } from '../../work/selection.ts'
import type { SourceSlice } from '../../work/source.ts'
import type { Host } from '../host.ts'
import { refuseConflicts } from './collector.ts'
import { refuseDatasets } from './dataset-folders.ts'
import { logSelection } from './log-selection.ts'
import type { EventsOptions } from './options.ts'
import type { EventsReport } from './report.ts'
import { runSearch } from './run-search.ts'

/** What searching folders needs: neither config nor credentials. */
export type FolderHost = Pick<Host, 'listener' | 'signal' | 'workOn'>

/** Searches the logs in `dirs`. */
export function searchFolders(options: EventsOptions, host: FolderHost): Promise<EventsReport> {
  refuseConflicts(options)
  refuseDatasets(options.dirs)
  const { dirs, selection: recordsOf } = options
  const selection = logSelection(options)
  const isSelected = fileFilter(selection)
  return runSearch(
    options,
    { files: true, recordsOf, listener: host.listener, signal: host.signal },
    ({ work, onFull, listener }) =>
      runSource<SourceSlice, Listing>({
        layout: { prefix: '' },
        accounts: [{ label: folderLabel, id: '' as AccountId, reads: 'all' }],
        selection: { ...selection, logAccounts: [] },
        named: { logAccounts: [], regions: [], kinds: [] },
        sorted: false,
        split: false,
        plan: () => Promise.resolve([{ account: folderLabel }]),
        openBucket: () => Promise.resolve(undefined),
        startWorker: (frame) => {
          onFull(frame.onLimit)
          const source = folderSource({ roots: dirs, account: folderLabel, isSelected, ...frame })
          const files = { ...frame, bucketOf: () => undefined }
          return host.workOn(files, { ...work, source, listings: 1, maxTasks: filesAtATime })
        },
        listener,
        signal: host.signal,
      }),
  )
}

/** Reading a file blocks a thread, so with more files at a time they would only wait there. */
const filesAtATime = 32

/** The account of the outcomes of files. */
const folderLabel = 'folder'

function fileFilter(selection: Selection): (file: LogFile) => boolean {
  const { logAccounts, regions, kinds, window, shard } = selection
  const matches = keyFilter(selection)
  // The records of a file whose name says nothing are selected one by one.
  return ({ key, isNamed, kind, logAccount, region, deliveredAtMs }) =>
    matches(key) &&
    isInShard(basename(key), shard) &&
    (!isNamed ||
      (kinds.includes(kind) &&
        (logAccounts.length === 0 || logAccounts.includes(logAccount)) &&
        (regions.length === 0 || regions.includes(region)) &&
        windowHolds(window, deliveredAtMs)))
}
