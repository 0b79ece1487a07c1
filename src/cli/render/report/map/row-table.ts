import type { HeatMap } from '../../../../verbs/report/figures.ts'
import { formatBytes, formatCount } from '../../quantity.ts'
import { fold } from '../fold.ts'
import { html, type Markup } from '../html.ts'
import { countColumn, table } from '../table.ts'
import { counted } from '../words.ts'
import { problemCount, worstFirst, type CountedRow, type MapAccount } from './map-accounts.ts'
import { stateLooks, statesWorstFirst } from './states.ts'

const mostRows = 1500

/** The map in numbers, for everybody who cannot see it: how many steps of each state every row has. */
export function rowTable(accounts: readonly MapAccount[], { counts, step }: HeatMap): Markup {
  const rows = accounts.flatMap((account) => account.rows)
  const shown = rows.length > mostRows ? rows.toSorted(worstFirst).slice(0, mostRows) : rows
  const states = statesWorstFirst.filter((state) => state !== 'none' && counts[state] > 0)
  const content = table<CountedRow>({
    caption: `How many ${step}s of each state every log account and region has`,
    columns: [
      { title: 'Log account', cell: ({ logAccount }) => logAccount },
      { title: 'Region', cell: ({ region }) => region },
      ...states.map((state) => countColumn<CountedRow>(stateLooks[state].name, (row) => row.counts[state])),
      countColumn('Logs', ({ logs }) => logs),
      { title: 'Bytes', number: true, cell: ({ bytes }) => formatBytes(bytes) },
    ],
    rows: shown,
  })
  return fold('The map as a table', [leftOut(rows, shown), content], shown.length)
}

function leftOut(rows: readonly CountedRow[], shown: readonly CountedRow[]): Markup | undefined {
  const left = rows.length - shown.length
  if (left === 0) return undefined
  const problems = rows.filter(({ counts }) => problemCount(counts) > 0).length
  const rest =
    problems > shown.length
      ? `${counted(problems - shown.length, 'row')} of these ${problems - shown.length === 1 ? 'has' : 'have'} problems too`
      : `${left === 1 ? 'It has' : 'They have'} no problems`
  return html`<p>
    The table has the ${formatCount(shown.length)} rows with the most problems. ${counted(left, 'row is', 'rows are')}
    left out. ${rest}. <code>crosstrail report --output json</code> prints all rows.
  </p>`
}
