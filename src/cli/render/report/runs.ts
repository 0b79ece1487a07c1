import type { ReportFigures, RunMade } from '../../../verbs/report/figures.ts'
import { formatBytes } from '../quantity.ts'
import { html } from './html.ts'
import { emptyNote, type Section } from './section.ts'
import { countColumn, table } from './table.ts'
import { instantCell } from './words.ts'

const states = {
  finished: 'finished',
  interrupted: 'interrupted',
  unfinished: 'did not finish',
} satisfies Record<RunMade['state'], string>

/** The runs that left a journal or a coverage. */
export function runsSection({ runs }: ReportFigures): Section {
  const section = { id: 'runs', title: 'Runs' }
  if (runs.length === 0) {
    return {
      ...section,
      body: emptyNote(
        'No runs were found: no pull, download, copy or delete left a journal or a coverage in the folders that were looked at.',
      ),
    }
  }
  return {
    ...section,
    body: table<RunMade>({
      caption: 'Runs that left a journal or a coverage',
      columns: [
        { title: 'Started (UTC)', cell: ({ started }) => instantCell(started) },
        { title: 'Command', cell: ({ verb }) => verb },
        {
          title: 'State',
          cell: ({ state }) => html`<span class="${state === 'finished' ? 'good' : 'bad'}">${states[state]}</span>`,
        },
        { title: 'Finished (UTC)', number: true, cell: ({ finished }) => instantCell(finished) },
        countColumn('Done', ({ done }) => done),
        countColumn('Skipped', ({ skipped }) => skipped),
        countColumn('Failed', ({ failed }) => failed),
        { title: 'Bytes', number: true, cell: ({ bytes }) => formatBytes(bytes) },
        { title: 'Run', long: true, cell: ({ run }) => html`<code>${run}</code>` },
      ],
      rows: runs,
    }),
  }
}
