import { CrosstrailError } from '../../error.ts'
import type { Host } from '../host.ts'
import { eventsDefaults, type EventsOptions } from '../events/options.ts'
import type { FieldValue } from '../events/record-form.ts'
import { searchEvents } from '../events/search-events.ts'
import { searchFolders } from '../events/search-folders.ts'
import type { EventsReport } from '../events/report.ts'
import type { Counted, EventFigures } from './figures.ts'
import type { ReportHost } from './report-host.ts'
import type { ReportOptions } from './options.ts'

const fields = ['eventName', 'user', 'errorCode', 'eventSource', 'sourceIPAddress'] as const
const shown = 20
/** More different values than any trail has users or addresses. The limit keeps them within memory. */
const mostValues = 1_000_000

/** Counts the events that happened in the window. Throws `usage.too-many-groups`, and as `events`. */
export async function countEvents(
  { selection, dirs, maxInflatedBytes }: ReportOptions,
  host: ReportHost,
  bucketHost: Host | undefined,
): Promise<{ readonly figures: EventFigures; readonly report: EventsReport }> {
  const counts = fields.map(() => new Map<string, number>())
  const search = (asked: EventsOptions) =>
    bucketHost === undefined ? searchFolders(asked, host) : searchEvents(asked, bucketHost)
  const report = await search({
    ...eventsDefaults,
    selection,
    dirs,
    maxInflatedBytes,
    window: selection.window,
    form: { type: 'fields', fields },
    onFound({ values = [] }) {
      for (const row of values) row.forEach((value, at) => count(counts[at], value))
    },
  })
  const [names = [], users = [], errors = [], sources = [], addresses = []] = counts.map(most)
  return { figures: { records: report.counts.handedOut, names, users, errors, sources, addresses }, report }
}

function count(counts: Map<string, number> | undefined, value: FieldValue): void {
  if (counts === undefined || value === undefined || value === null || value === '') return
  const text = String(value)
  const before = counts.get(text)
  if (before === undefined && counts.size === mostValues) {
    throw new CrosstrailError('usage.too-many-groups', `a field has more than ${mostValues} different values`, {
      hint: 'report about a shorter window, or fewer log accounts',
    })
  }
  counts.set(text, (before ?? 0) + 1)
}

function most(counts: ReadonlyMap<string, number>): Counted[] {
  return [...counts]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, shown)
    .map(([value, times]) => ({ value, count: times }))
}
