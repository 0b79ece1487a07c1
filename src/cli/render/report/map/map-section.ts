import type { HeatMap } from '../../../../verbs/report/figures.ts'
import { html, type Content, type Markup } from '../html.ts'
import { emptyNote, type Section } from '../section.ts'
import { countColumn, table } from '../table.ts'
import { counted } from '../words.ts'
import { axisShapes } from './axis.ts'
import { drawAccounts, mostOpen } from './draw-accounts.ts'
import { problemWords } from './drawing.ts'
import { legend } from './legend.ts'
import { mapAccounts, problemCount, worstFirst, type MapAccount } from './map-accounts.ts'
import { rowTable } from './row-table.ts'
import { stepWords } from './steps.ts'

/** A map with more rows is longer than a screen, so accounts without problems are folded. */
const rowsOfScreen = 40

/** The heat map: a legend, a drawing for each log account, and all of it as a table. */
export function mapSection(map: HeatMap): Section {
  const section = { id: 'map', title: `Each ${map.step} of each log account and region` }
  if (map.rows.length === 0) {
    return { ...section, body: emptyNote('No log and no digest was found in the window, so there is no map.') }
  }
  const accounts = mapAccounts(map)
  const mostRows = Math.max(...accounts.map(({ rows }) => rows.length))
  const drawn = map.rows.length > rowsOfScreen ? foldedMap(accounts, map) : openMap(accounts, map)
  return {
    ...section,
    body: [introduction(map), legend(map), axisShapes(map, mostRows), drawn, rowTable(accounts, map)],
  }
}

function introduction({ step }: HeatMap): Markup {
  const weeks =
    step === 'week' && ' The window has too many days for a map of days, so a week shows the worst of its seven days.'
  return html`<p>
    A row is a region of a log account. A column is a ${step} in UTC.${weeks} A ${step} is a problem if it is missing,
    unverified, silent or late.
  </p>`
}

function openMap(accounts: readonly MapAccount[], map: HeatMap): Content {
  const { blocks, left } = drawAccounts(accounts, map, accounts.length)
  return [scrolling(blocks), leftOutNote(left, map)]
}

function foldedMap(accounts: readonly MapAccount[], map: HeatMap): Content {
  const sorted = accounts.toSorted(worstFirst)
  const bad = sorted.filter(({ counts }) => problemCount(counts) > 0).length
  const { blocks, left } = drawAccounts(sorted, map, Math.min(bad, mostOpen))
  return [
    html`<h3>${counted(bad, 'log account')} with problems</h3>`,
    bad === 0 ? emptyNote('No problem was found in any log account.') : scrolling(blocks.slice(0, bad)),
    blocks.length > bad &&
      html`<h3>${counted(sorted.length - bad, 'log account')} without problems</h3>
        ${scrolling(blocks.slice(bad))}`,
    leftOutNote(left, map),
  ]
}

function scrolling(blocks: readonly Markup[]): Markup {
  return html`<div class="scroll map" role="group" aria-label="Map of log accounts" tabindex="0">${blocks}</div>`
}

/** The accounts that have no drawing, in numbers. */
function leftOutNote(left: readonly MapAccount[], map: HeatMap): Content {
  if (left.length === 0) return undefined
  const words = stepWords(map)
  return [
    html`<h3>${counted(left.length, 'log account')} without a drawing</h3>
      <p>
        More drawings would make this page too large. This table has the number of problems instead, and
        <code>crosstrail report --output json</code> prints every ${map.step}.
      </p>`,
    table<MapAccount>({
      caption: 'Log accounts that are not drawn',
      columns: [
        { title: 'Log account', cell: ({ logAccount }) => logAccount },
        countColumn('Regions', ({ rows }) => rows.length),
        { title: 'Problems', long: true, cell: ({ counts }) => problemWords(counts, words) },
      ],
      rows: left,
    }),
  ]
}
