import type { Verb } from '../verb.ts'
import { eventsDefaults, type EventsOptions, eventsRights } from './options.ts'
import type { EventsReport } from './report.ts'

/**
 * Finds the records of events in the bucket's logs, or in logs that are in folders. Each record comes once, with `onFound`. Nothing is written.
 * Records that cannot be read are counted, and told with their log. Rejects with `usage.…`, and with `disk.not-found` for a folder.
 */
export const events: Verb<EventsOptions, typeof eventsDefaults, EventsReport> = {
  name: 'events',
  defaults: eventsDefaults,
  rights: () => eventsRights,
  run: async (options, host) => (await import('./search-events.ts')).searchEvents(options, host),
}
