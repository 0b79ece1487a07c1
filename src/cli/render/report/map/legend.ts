import type { CellState, HeatMap } from '../../../../verbs/report/figures.ts'
import { html, type Content, type Markup } from '../html.ts'
import { countColumn, table } from '../table.ts'
import { shareText } from '../words.ts'
import { statePaths } from './drawing.ts'
import { stateLooks, statesWorstFirst } from './states.ts'

/** What each state looks like, what it means, and how many days or weeks have it. */
export function legend({ counts, step }: HeatMap): Content {
  const seen = statesWorstFirst.filter((state) => state !== 'none').reduce((sum, state) => sum + counts[state], 0)
  return table<CellState>({
    caption: `States of a ${step} of one log account and region, from the worst to the best`,
    columns: [
      {
        title: 'State',
        long: true,
        cell: (state) =>
          html`<span class="state">${swatch(state)} ${stateLooks[state].name}</span>
            <span class="meaning">${stateLooks[state].meaning.replace('$step', step)}</span>`,
      },
      countColumn(step === 'day' ? 'Days' : 'Weeks', (state) => counts[state]),
      { title: 'Share', number: true, cell: (state) => (state === 'none' ? '–' : shareText(counts[state], seen)) },
    ],
    rows: statesWorstFirst,
  })
}

function swatch(state: CellState): Markup {
  return html`<svg class="swatch" aria-hidden="true" viewBox="0 0 24 16" width="24" height="16">
    <rect class="frame" x="0.5" y="0.5" width="23" height="15" />
    ${statePaths(state, [{ from: 3, until: 21 }], 0)}
  </svg>`
}
