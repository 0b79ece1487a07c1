import { datasetRights } from '../dataset-rights.ts'
import type { Host } from '../host.ts'
import type { Verb } from '../verb.ts'
import {
  eventsDefaults,
  type EventsOptions,
  eventsRights,
  type ExportOptions,
  type QueryOptions,
  type SliceExport,
} from './options.ts'
import type { EventsReport, ExportReport, QueryReport } from './report.ts'

/**
 * Finds the records of events in the bucket's logs, or in logs in folders. `onFound` gets each record once. Nothing is written. Records that
 * cannot be read are counted, and a note names their log. Rejects with `usage.…`.
 */
export const events: Verb<EventsOptions, typeof eventsDefaults, EventsReport> = {
  name: 'events',
  defaults: eventsDefaults,
  rights: () => eventsRights,
  run: async (options, host) => (await searchOn(host))(options),
}

/**
 * Runs one SELECT over the events that a search finds, or over a Parquet dataset in a folder. Rejects with `usage.no-duckdb`, `usage.sql`,
 * `usage.sql-too-large`, `object.not-a-dataset`, and as `events`.
 */
export const queryEvents: Verb<QueryOptions, typeof eventsDefaults, QueryReport> = {
  name: 'events',
  defaults: eventsDefaults,
  rights: () => eventsRights,
  run: async (options, host) =>
    (await import('./query-events.ts')).queryEvents(options, await searchOn(host), host.signal),
}

/**
 * Writes the events that a search finds into a Parquet dataset in a folder or a bucket. Events that it has already are not written again.
 * Rejects with `usage.no-duckdb`, `disk.…`, as `events`, and for a bucket as `copy` and with `object.differs`.
 */
export const exportEvents: Verb<ExportOptions, typeof eventsDefaults, ExportReport> = {
  name: 'events',
  defaults: eventsDefaults,
  rights: ({ to }) => (typeof to === 'string' ? eventsRights : datasetRights(to)),
  run: exportTo,
}

/** Writes the events of a slice. If it is run several times, also at the same time, each event is written once. Rejects as `exportEvents`. */
export const exportSlice: Verb<SliceExport, typeof eventsDefaults, ExportReport> = { ...exportEvents, run: exportTo }

async function exportTo({ to, ...filters }: SliceExport, host: Host): Promise<ExportReport> {
  if (typeof to === 'string') {
    const { exportToFolder } = await import('./export-to-folder.ts')
    return exportToFolder({ ...filters, to }, await searchOn(host), await host.partWriters?.())
  }
  return (await import('./export-to-bucket.ts')).exportToBucket({ ...filters, to }, host)
}

async function searchOn(host: Host): Promise<(options: EventsOptions) => Promise<EventsReport>> {
  const { searchEvents } = await import('./search-events.ts')
  return (options) => searchEvents(options, host)
}
