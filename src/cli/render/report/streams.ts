import type { ReportFigures, StreamEnd } from '../../../verbs/report/figures.ts'
import { formatBytes, formatCount } from '../quantity.ts'
import { html } from './html.ts'
import { emptyNote, type Section } from './section.ts'
import { countColumn, table } from './table.ts'
import { counted, instantCell } from './words.ts'

const mostStreams = 1000

/** The newest object of each stream. The stream that is without one for the longest time comes first. */
export function streamsSection({ streams }: ReportFigures): Section {
  const section = { id: 'streams', title: 'Newest log of each stream' }
  if (streams.length === 0) return { ...section, body: emptyNote('No stream has a log or a digest in the window.') }
  const sorted = streams.toSorted((a, b) => (a.newest < b.newest ? -1 : a.newest > b.newest ? 1 : 0))
  const shown = sorted.slice(0, mostStreams)
  const left = sorted.length - shown.length
  const note =
    left > 0 &&
    html`<p>
      The table has the ${formatCount(shown.length)} streams whose newest log is the oldest. ${counted(left, 'stream')}
      with newer logs ${left === 1 ? 'is' : 'are'} left out. <code>crosstrail report --output json</code> prints all of
      them.
    </p>`
  return {
    ...section,
    body: [
      html`<p>
        A stream is one kind of one log account and region. The one that has had no log for the longest time is first.
      </p>`,
      note,
      table<StreamEnd>({
        caption: 'Newest log of each stream, the oldest first',
        columns: [
          { title: 'Log account', cell: ({ logAccount }) => logAccount },
          { title: 'Region', cell: ({ region }) => region },
          { title: 'Kind', cell: ({ kind }) => kind },
          { title: 'Newest (UTC)', number: true, cell: ({ newest }) => instantCell(newest) },
          countColumn('Objects', ({ objects }) => objects),
          { title: 'Bytes', number: true, cell: ({ bytes }) => formatBytes(bytes) },
          { title: 'Key of the newest', key: true, cell: ({ newestKey }) => html`<code>${newestKey}</code>` },
        ],
        rows: shown,
      }),
    ],
  }
}
