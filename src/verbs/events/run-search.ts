import { isImpossibleAddress } from '../../config/ip-range.ts'
import { wrongValue } from '../../config/text-value.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import { Limits } from '../../work/limits.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import type { SourceSlice } from '../../work/source.ts'
import type { SliceJob, SourceJob } from '../host.ts'
import { Collector } from './collector.ts'
import { deliveryWindow } from './event-window.ts'
import type { Condition } from './filter/event-filter.ts'
import type { FoundRecords } from './found-records.ts'
import { handOutSorted } from './hand-out-sorted.ts'
import type { SearchOptions } from './log-search.ts'
import type { EventsOptions } from './options.ts'
import { type EventsJob, openEvents } from './read-log.ts'
import type { EventsReport } from './report.ts'
import { TimeSorter } from './time-sorter.ts'

/** Where a search reads logs. */
export interface SearchPlace {
  /** Whether the logs are files on this machine. */
  readonly files: boolean
  /** What to select by the records of logs whose names say nothing. */
  readonly recordsOf: Pick<SearchOptions, 'logAccounts' | 'regions' | 'kinds'>
  readonly listener: RunListener
  readonly signal: AbortSignal
}

/** What a search gives to the run that reads its logs. */
export interface SearchRun {
  readonly work: SearchWork
  /** Sets what to call when the limit of records is reached. */
  readonly onFull: (stop: () => void) => void
  readonly listener: RunListener
}

type SearchWork = Omit<
  SourceJob<EventsJob, ObjectReader | undefined, SourceSlice>,
  'source' | 'listings' | 'maxTasks'
> &
  Pick<SliceJob<EventsJob>, 'limits'>

/** Searches the logs that `start` reads, hands out the records, and reports what was found. */
export async function runSearch(
  options: EventsOptions,
  { files, recordsOf, listener, signal }: SearchPlace,
  start: (run: SearchRun) => Promise<RunReport>,
): Promise<EventsReport> {
  const { conditions, window, form, maxInflatedBytes, whenWritable } = options
  refuseImpossible(conditions)
  const { logAccounts, regions, kinds } = recordsOf
  const search = { conditions, window, form, logAccounts, regions, kinds }
  const job: EventsJob = { verb: 'events', files, search, maxInflatedBytes }
  const work = { job, open: openEvents, threads: true, limits: new Limits({}), whenWritable }
  const sorter = options.sorted ? new TimeSorter(options) : undefined
  // The earliest records are only known after all logs were read, so the limit is applied when the sorted records are handed out.
  const sorting = sorter && { ...options, limit: undefined, onFound: (found: FoundRecords) => sorter.add(found) }
  const collector = new Collector(sorting ?? options, listener)
  try {
    const report = await start({
      work,
      onFull: (stop) => (collector.onFull = stop),
      listener: (event) => {
        if (event.type === 'outcome' && event.outcome.status === 'done') collector.add(event.outcome)
        listener(event)
      },
    })
    const { counts, forgot } = collector
    const wanted = Math.min(counts.handedOut, options.limit ?? Infinity)
    const isWhole = !report.interrupted && report.error === undefined
    const sorted = sorter && (isWhole ? await handOutSorted(sorter, options, signal) : 0)
    return {
      ...report,
      interrupted: report.interrupted || (signal.aborted && sorted !== undefined && sorted < wanted),
      counts: { ...counts, handedOut: sorted ?? counts.handedOut },
      delivered: deliveryWindow(options),
      limited: sorter === undefined ? collector.isFull : wanted < counts.handedOut,
      comparedAll: !forgot,
    }
  } finally {
    sorter?.close()
  }
}

/** Throws `usage.invalid-value`: no record would match, and that would look like an answer. */
function refuseImpossible(conditions: readonly Condition[]): void {
  for (const { field, any, none } of conditions) {
    const wrong = field === 'ip' ? [...any, ...none].find(isImpossibleAddress) : undefined
    if (wrong !== undefined) throw wrongValue('ip', wrong, 'an address, a range such as 10.0.0.0/8, or a pattern')
  }
}
