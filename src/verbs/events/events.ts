import type { Verb } from '../verb.ts'
import { eventsDefaults, type EventsOptions, eventsRights } from './options.ts'
import type { EventsReport } from './report.ts'

/**
 * Finds the records of events in the bucket's logs, or in logs that are in folders. Each record is passed to `onFound` once. Nothing is written.
 * Records that cannot be read are counted, and a note names their log. Rejects with `usage.…`.
 */
export const events: Verb<EventsOptions, typeof eventsDefaults, EventsReport> = {
  name: 'events',
  defaults: eventsDefaults,
  rights: () => eventsRights,
  run: async (options, host) => (await import('./search-events.ts')).searchEvents(options, host),
}
