import { dayMs } from '../../../../trail/calendar.ts'
import { dayOf } from '../../../../trail/time.ts'
import type { HeatMap } from '../../../../verbs/report/figures.ts'
import { counted } from '../words.ts'

/** How the steps of a map are named: days or weeks. */
export interface StepWords {
  readonly step: HeatMap['step']
  readonly counted: (count: number) => string
  /** The days of some steps in words: `on 2026-11-03`, `from 2026-11-03 to 2026-11-09`. Both ends are included. */
  readonly span: (from: number, until: number) => string
}

export function stepWords({ step, steps }: HeatMap): StepWords {
  const lastDay = (at: number) => {
    const start = steps[at] ?? ''
    return step === 'day' ? start : dayOf(Date.parse(start) + 6 * dayMs)
  }
  return {
    step,
    counted: (count) => counted(count, step),
    span(from, until) {
      const [first, last] = [steps[from] ?? '', lastDay(until - 1)]
      return first === last ? `on ${first}` : `from ${first} to ${last}`
    },
  }
}
