import type { Counted, EventFigures, ReportFigures } from '../../../verbs/report/figures.ts'
import { bar } from './bar.ts'
import { html, type Content } from './html.ts'
import { emptyNote, type Section } from './section.ts'
import { countColumn, table } from './table.ts'
import { counted } from './words.ts'

/** The most frequent values of the events. No section if the events were not read. */
export function eventsSection({ events }: ReportFigures): Section | undefined {
  if (events === undefined) return undefined
  const section = { id: 'events', title: 'Events' }
  if (events.records === 0) return { ...section, body: emptyNote('The logs were read, and they contain no events.') }
  return {
    ...section,
    body: [
      html`<p>
        ${counted(events.records, 'event was', 'events were')} read. Each table has the most frequent values.
      </p>`,
      html`<div class="pair">
        ${lists.map(({ of, caption, title, empty }) => list(events[of], { caption, title, empty }))}
      </div>`,
    ],
  }
}

interface ListWords {
  readonly caption: string
  readonly title: string
  readonly empty: string
}

const lists: readonly (ListWords & { readonly of: Exclude<keyof EventFigures, 'records'> })[] = [
  { of: 'names', caption: 'Most frequent events', title: 'Event', empty: 'No event has a name.' },
  { of: 'users', caption: 'Most active users', title: 'User', empty: 'No event names a user.' },
  { of: 'errors', caption: 'Most frequent errors', title: 'Error', empty: 'No event has an error.' },
  { of: 'sources', caption: 'Most frequent sources', title: 'Source', empty: 'No event names a source.' },
  { of: 'addresses', caption: 'Most frequent addresses', title: 'Address', empty: 'No event has an address.' },
]

function list(values: readonly Counted[], { caption, title, empty }: ListWords): Content {
  if (values.length === 0) return html`<div>${emptyNote(empty)}</div>`
  const most = Math.max(...values.map(({ count }) => count))
  return table<Counted>({
    caption,
    columns: [
      { title, long: true, cell: ({ value }) => value },
      countColumn('Events', ({ count }) => count),
      { title: 'Compared', bar: true, cell: ({ count }) => bar(count, most) },
    ],
    rows: values,
  })
}
