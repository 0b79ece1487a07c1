import type { HeatMap } from '../../../../verbs/report/figures.ts'
import { html, type Markup } from '../html.ts'

/** More labels would overlap on a phone. */
const mostMonths = 4
const mostDays = 3
/** A label that begins later would not fit. */
const lastLabel = 0.9

interface Tick {
  readonly at: number
  readonly text: string
}

/** Shapes that every drawing of the map uses: the labels of the time axis, and the lines between steps and months. */
export function axisShapes({ steps }: HeatMap, mostRows: number): Markup {
  const height = mostRows * 16
  const percent = (at: number) => ((at / Math.max(steps.length, 1)) * 100).toFixed(2)
  const labels = ticks(steps).map(
    ({ at, text }) =>
      html`<line x1="${percent(at)}%" x2="${percent(at)}%" y1="2" y2="16" /><text x="${percent(at)}%" dx="3" y="11"
          >${text}</text
        >`,
  )
  return html`<svg class="shapes" aria-hidden="true" width="0" height="0">
    <defs>
      <g id="axis">${labels}</g>
      <path id="grid" d="${verticals(steps.slice(1).map((_, at) => at + 1))}" />
      <path id="months" d="${verticals(monthStarts(steps))}" />
    </defs>
  </svg>`

  function verticals(places: readonly number[]): string {
    return places.map((at) => `M${at} 0V${height}`).join('')
  }
}

/** The steps in which a month begins, except the first step. */
function monthStarts(steps: readonly string[]): number[] {
  return steps.flatMap((step, at) => (at > 0 && step.slice(0, 7) !== steps[at - 1]?.slice(0, 7) ? [at] : []))
}

function ticks(steps: readonly string[]): Tick[] {
  const months = monthStarts(steps)
  const places = months.length < 3 ? thinned([...steps.keys()], mostDays) : thinned([0, ...months], mostMonths)
  return places
    .filter((at) => at <= steps.length * lastLabel)
    .map((at) => ({ at, text: (steps[at] ?? '').slice(0, months.length < 3 ? 10 : 7) }))
}

function thinned(places: readonly number[], most: number): number[] {
  const every = Math.ceil(places.length / most)
  return places.filter((_, index) => index % every === 0)
}
