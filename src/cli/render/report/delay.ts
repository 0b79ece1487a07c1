import type { Delay, Percentiles, ReportFigures } from '../../../verbs/report/figures.ts'
import { html } from './html.ts'
import { emptyNote, type Section } from './section.ts'
import { table } from './table.ts'
import { counted, spanText } from './words.ts'

const percentiles: readonly (readonly [keyof Percentiles, string])[] = [
  ['p50', 'Half of the logs'],
  ['p90', '90% of the logs'],
  ['p99', '99% of the logs'],
  ['max', 'All logs'],
]

/** How long it took from an event to its log. */
export function delaySection({ delay }: ReportFigures): Section {
  const section = { id: 'delay', title: 'Delay from event to delivery' }
  if (delay === undefined) {
    return {
      ...section,
      body: emptyNote('No digest in the window says when the events of a log happened, so the delay is unknown.'),
    }
  }
  return { ...section, body: delayTable(delay) }
}

function delayTable({ logs, newest, oldest }: Delay) {
  return [
    html`<p>
      The times of events and of delivery come from the digests, which list ${counted(logs, 'log')}. The oldest event of
      a log waited longest, so no event took longer.
    </p>`,
    table<(typeof percentiles)[number]>({
      caption: 'Time from an event until S3 had its log',
      columns: [
        { title: 'Share', cell: ([, name]) => name },
        { title: 'Newest event within', number: true, cell: ([of]) => spanText(newest[of]) },
        { title: 'Oldest event within', number: true, cell: ([of]) => spanText(oldest[of]) },
      ],
      rows: percentiles,
    }),
  ]
}
