import { minuteMs } from '../../trail/calendar.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { type Kind, kinds } from '../../trail/kind.ts'
import { type Window, windowHolds } from '../../trail/window.ts'
import { folderSource, type LogFile } from '../../work/folder-source.ts'
import { keyFilter } from '../../work/key-filter.ts'
import { Limits } from '../../work/limits.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import type { Listing } from '../../work/plan.ts'
import { run, runSource } from '../../work/run.ts'
import type { Selection } from '../../work/selection.ts'
import type { SourceSlice } from '../../work/source.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import type { Host, SliceJob, SourceJob } from '../host.ts'
import { accessTrail } from '../trail-access.ts'
import { Collector, refuseConflicts } from './collector.ts'
import { refuseDatasets } from './dataset-folders.ts'
import type { FoundRecords } from './found-records.ts'
import type { EventsOptions } from './options.ts'
import { type EventsJob, openEvents } from './read-log.ts'
import type { EventsReport } from './report.ts'
import { TimeSorter } from './time-sorter.ts'

/** Digests hold no events. */
const eventKinds: readonly Kind[] = kinds.filter((kind) => kind !== 'digest')

/** Searches the bucket, or folders if some are named. */
export function searchEvents(options: EventsOptions, host: Host): Promise<EventsReport> {
  return options.dirs.length > 0 ? searchFolders(options, host) : searchBucket(options, host)
}

/** What searching folders needs: neither config nor credentials. */
export type FolderHost = Pick<Host, 'listener' | 'signal' | 'workOn'>

/** Searches the logs in `dirs`. */
export function searchFolders(options: EventsOptions, host: FolderHost): Promise<EventsReport> {
  refuseConflicts(options)
  refuseDatasets(options.dirs)
  const { dirs, selection } = options
  const { logAccounts, regions, kinds: namedKinds } = selection
  const whole = logSelection(options)
  const matches = keyFilter(whole)
  const isSelected = (file: LogFile) => matches(file.key) && (!file.isNamed || isChosen(file, whole))
  const search = { ...searchOptions(options), logAccounts, regions, kinds: namedKinds }
  return collected(options, { files: true, search }, host.listener, (work, collector, listener) =>
    runSource<SourceSlice, Listing>({
      layout: { prefix: '' },
      accounts: [{ label: folderLabel, id: '' as AccountId, reads: 'all' }],
      selection: { ...whole, logAccounts: [] },
      named: nothingNamed,
      sorted: false,
      split: false,
      plan: () => Promise.resolve([{ account: folderLabel }]),
      openBucket: () => Promise.resolve(undefined),
      startWorker: (frame) => {
        collector.onFull = frame.onLimit
        const source = folderSource({ roots: dirs, account: folderLabel, isSelected, ...frame })
        const files = { ...frame, bucketOf: () => undefined }
        return host.workOn(files, { ...work, source, listings: 1, maxTasks: filesAtATime })
      },
      listener,
      signal: host.signal,
    }),
  )
}

function searchBucket(options: EventsOptions, host: Host): Promise<EventsReport> {
  const selection = logSelection(options)
  const search = { ...searchOptions(options), ...nothingNamed }
  return collected(options, { files: false, search }, host.listener, (work, collector, listener) => {
    const { request, keysOf } = accessTrail(
      { ...host, listener },
      { accounts: selection.accounts, rights: host.rights },
    )
    return run({
      ...request,
      selection,
      sorted: false,
      startWorker: (frame) => {
        collector.onFull = frame.onLimit
        return host.work(frame, { ...work, filter: keyFilter(selection), keysOf })
      },
    })
  })
}

/** Runs a search, and reports what was found. */
async function collected(
  options: EventsOptions,
  { files, search }: Pick<EventsJob, 'files' | 'search'>,
  listener: RunListener,
  start: (work: Work, collector: Collector, listener: RunListener) => Promise<RunReport>,
): Promise<EventsReport> {
  const { maxInflatedBytes, whenWritable } = options
  const job: EventsJob = { verb: 'events', files, search, maxInflatedBytes }
  const work = { job, open: openEvents, threads: true, limits: new Limits({}), whenWritable }
  const sorter = options.sorted ? new TimeSorter(options) : undefined
  // Of sorted records the first are known when all are.
  const sorting = sorter && { ...options, limit: undefined, onFound: (found: FoundRecords) => sorter.add(found) }
  const collector = new Collector(sorting ?? options, listener)
  try {
    const report = await start(work, collector, (event) => {
      if (event.type === 'outcome' && event.outcome.status === 'done') collector.add(event.outcome)
      listener(event)
    })
    if (sorter !== undefined && !report.interrupted) await handOut(sorter, options)
    const { counts, forgot } = collector
    const handedOut = Math.min(counts.handedOut, options.limit ?? Infinity)
    const limited = sorter === undefined ? collector.isFull : handedOut < counts.handedOut
    return {
      ...report,
      counts: { ...counts, handedOut },
      delivered: deliveryWindow(options),
      limited,
      comparedAll: !forgot,
    }
  } finally {
    sorter?.close()
  }
}

async function handOut(sorter: TimeSorter, { onFound, whenWritable }: EventsOptions): Promise<void> {
  for (const found of sorter.sorted()) {
    for (let writable = whenWritable?.(); writable !== undefined; writable = whenWritable?.()) await writable
    onFound?.(found)
  }
}

/** Which logs may hold what is asked for. */
function logSelection(options: EventsOptions): Selection {
  const { selection } = options
  const chosen = selection.kinds.length === 0 ? eventKinds : selection.kinds.filter((kind) => kind !== 'digest')
  return { ...selection, kinds: chosen, window: deliveryWindow(options) }
}

function searchOptions({ conditions, window, form }: EventsOptions) {
  return { conditions, window, form }
}

type Work = Omit<SourceJob<EventsJob, ObjectReader | undefined, SourceSlice>, 'source' | 'listings' | 'maxTasks'> &
  Pick<SliceJob<EventsJob>, 'limits'>

const nothingNamed = { logAccounts: [], regions: [], kinds: [] }

/** Reading files keeps a thread busy, so that more of them at a time would only wait there. */
const filesAtATime = 32

/** The label that outcomes of files have. */
const folderLabel = 'folder'

function isChosen(file: LogFile, { logAccounts, regions, kinds: chosen, window }: Selection): boolean {
  return (
    chosen.includes(file.kind) &&
    (logAccounts.length === 0 || logAccounts.includes(file.logAccount)) &&
    (regions.length === 0 || regions.includes(file.region)) &&
    windowHolds(window, file.deliveredAtMs)
  )
}

/**
 * When logs of the window's events may be delivered: not before the event, to the minute that stamps have, and `lateMs` later at most.
 */
function deliveryWindow({ window: { fromMs, toMs }, lateMs }: EventsOptions): Window {
  return {
    fromMs: fromMs === undefined ? undefined : Math.floor(fromMs / minuteMs) * minuteMs,
    toMs: toMs === undefined ? undefined : toMs + lateMs,
  }
}
