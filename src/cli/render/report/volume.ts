import type { ReportFigures } from '../../../verbs/report/figures.ts'
import { formatBytes } from '../quantity.ts'
import { bar } from './bar.ts'
import { html, type Content } from './html.ts'
import { emptyNote, type Section } from './section.ts'
import { countColumn, table } from './table.ts'

interface Amount {
  readonly objects: number
  readonly bytes: number
}

/** Objects and bytes of each kind and month. */
export function volumeSection({ totals, months }: ReportFigures): Section {
  const body =
    totals.length === 0 && months.length === 0
      ? emptyNote('No log and no digest was found in the window, so there is nothing to add up.')
      : html`<div class="pair">
          ${amounts('Objects and bytes of each kind', 'Kind', totals, ({ kind }) => kind)}${amounts('Objects and bytes of each month', 'Month', months, ({ month }) => month)}
        </div>`
  return { id: 'volume', title: 'Volume', body }
}

function amounts<Row extends Amount>(
  caption: string,
  title: string,
  rows: readonly Row[],
  name: (row: Row) => string,
): Content {
  const most = Math.max(...rows.map(({ bytes }) => bytes), 0)
  return table<Row>({
    caption,
    columns: [
      { title, cell: name },
      countColumn('Objects', ({ objects }) => objects),
      { title: 'Bytes', number: true, cell: ({ bytes }) => formatBytes(bytes) },
      { title: 'Bytes compared', bar: true, cell: ({ bytes }) => bar(bytes, most) },
    ],
    rows,
  })
}
