import type { CellState, HeatMap } from '../../../../verbs/report/figures.ts'
import { html, type Content, type Markup } from '../html.ts'
import { counted, listed } from '../words.ts'
import { problemCount, type CountedRow, type MapAccount, type StateCounts } from './map-accounts.ts'
import { runsOf, type Run } from './runs.ts'
import { isProblem, problemStates, stateLooks, statesWorstFirst } from './states.ts'
import { stepWords, type StepWords } from './steps.ts'

export interface DrawingOptions {
  /** Whether each problem says its days when a mouse points at it. */
  readonly titled: boolean
}

const rowHeight = 16
/** A step is never narrower than this many pixels. If the page is, the map scrolls. */
const narrowestStep = 2.5
/** The style sheet sets this one for all. */
const usualThickness = 8

type Steps = Pick<Run, 'from' | 'until'>

/** The rows of an account as an image: one path for each state and row, or for each problem. */
export function accountDrawing(account: MapAccount, map: HeatMap, { titled }: DrawingOptions): Markup {
  const words = stepWords(map)
  const { rows, logAccount } = account
  const [width, height] = [map.steps.length, rows.length * rowHeight]
  const paths = rows.map((row, at) => rowPaths(row, at * rowHeight, map, titled ? words : undefined))
  const labels = rows.map(({ region }) => html`<li>${region}</li>`)
  return html`<div class="drawing">
    <ul class="regions">
      ${labels}
    </ul>
    <div>
      <svg
        class="cells"
        role="img"
        aria-label="Log account ${logAccount}: ${problemWords(account.counts, words)}"
        viewBox="0 0 ${width} ${height}"
        preserveAspectRatio="none"
        width="${Math.ceil(width * narrowestStep)}"
        height="${height}"
      >
        <title>Log account ${logAccount}</title>
        <desc>${description(account, words)}</desc>
        ${paths}
        <use href="#grid" />
        <use href="#months" />
      </svg>
      <svg class="axis" aria-hidden="true" width="${Math.ceil(width * narrowestStep)}" height="16">
        <use href="#axis" />
      </svg>
    </div>
  </div>`
}

/** How many problems there are of each state: `3 days missing and 1 day late`. */
export function problemWords(counts: StateCounts, words: StepWords): string {
  if (problemCount(counts) === 0) return 'no problems'
  return listed(
    problemStates
      .filter((state) => counts[state] > 0)
      .map((state) => `${words.counted(counts[state])} ${stateLooks[state].name.toLowerCase()}`),
  )
}

function description({ rows, counts }: MapAccount, words: StepWords): string {
  const states = statesWorstFirst
    .filter((state) => counts[state] > 0)
    .map((state) => `${words.counted(counts[state])} ${stateLooks[state].name.toLowerCase()}`)
  return `${counted(rows.length, 'region')} from top to bottom, one ${words.step} after the other from left to right. In all: ${listed(states)}.`
}

function rowPaths(row: CountedRow, top: number, { letters }: HeatMap, titles: StepWords | undefined): Content {
  const byState = new Map<CellState, Run[]>()
  for (const run of runsOf(row.states, letters)) {
    if (stateLooks[run.state].bars.length === 0) continue
    const runs = byState.get(run.state) ?? []
    byState.set(run.state, runs)
    runs.push(run)
  }
  return [...byState].map(([state, runs]) =>
    titles === undefined || !isProblem(state)
      ? statePaths(state, runs, top)
      : runs.map(({ from, until }) => {
          const title = `${row.region}: ${stateLooks[state].name.toLowerCase()} ${titles.span(from, until)}`
          return statePaths(state, [{ from, until }], top, html`<title>${title}</title>`)
        }),
  )
}

/** Bars of one thickness are one path. */
export function statePaths(state: CellState, runs: readonly Steps[], top: number, title?: Markup): Content {
  const thicknesses = [...new Set(stateLooks[state].bars.map(({ thick }) => thick))]
  const paths = thicknesses.map((thick) => {
    const bars = stateLooks[state].bars.filter((bar) => bar.thick === thick)
    const d = bars.map(({ middle }) => strokes(runs, top + middle)).join('')
    return html`<path class="${state}" ${thick !== usualThickness && html` stroke-width="${thick}"`} d="${d}" />`
  })
  return title === undefined ? paths : html`<g>${title}${paths}</g>`
}

/** Lines from the start to the end of each run. Moves are relative, because that is shorter. */
function strokes(runs: readonly Steps[], y: number): string {
  let d = ''
  let end: number | undefined
  for (const { from, until } of runs) {
    d += end === undefined ? `M${from} ${y}h${until - from}` : `m${from - end} 0h${until - from}`
    end = until
  }
  return d
}
