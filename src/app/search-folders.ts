import { availableParallelism } from 'node:os'
import type { Given } from '../verbs/verb.ts'
import { asked } from '../verbs/verb.ts'
import { eventsDefaults, type EventsOptions } from '../verbs/events/options.ts'
import type { EventsReport } from '../verbs/events/report.ts'
import { shareConcurrency } from '../work/concurrency.ts'
import type { RunListener } from '../work/run-event.ts'
import type { CrosstrailOptions } from './crosstrail.ts'
import { demandSense } from './demand-sense.ts'
import { sourceWork } from './slice-work.ts'

/**
 * Finds the records of events in folders, as `Crosstrail.events` does with `dirs`. It needs no config and no credentials, and sends nothing.
 * Rejects with `disk.not-found` and `usage.…`.
 */
export async function searchFolders(
  given: Given<EventsOptions, typeof eventsDefaults>,
  { signal = new AbortController().signal, threads = 1 }: Pick<CrosstrailOptions, 'signal' | 'threads'> = {},
  listener: RunListener = () => undefined,
): Promise<EventsReport> {
  const { refuseConflicts } = await import('../verbs/events/collector.ts')
  const { searchFolders: search } = await import('../verbs/events/search-events.ts')
  const options = demandSense(asked(given, eventsDefaults), Date.now())
  refuseConflicts(options)
  const share = shareConcurrency({
    concurrency: undefined,
    threads: threads === 'auto' ? undefined : threads,
    cores: availableParallelism(),
    openFiles: undefined,
  })
  return search(options, { signal, listener, workOn: sourceWork(share) })
}
