import type { CellState, HeatMap } from '../../../../verbs/report/figures.ts'
import { stateOf } from './map-accounts.ts'

/** Neighboring steps of one state: `[from, until)`. */
export interface Run {
  readonly state: CellState
  readonly from: number
  readonly until: number
}

/** The states of a row, with equal neighbors merged. */
export function runsOf(states: string, letters: HeatMap['letters']): Run[] {
  const runs: Run[] = []
  let from = 0
  for (let at = 1; at <= states.length; at++) {
    if (states[at] === states[from] && at < states.length) continue
    runs.push({ state: stateOf(states.charAt(from), letters), from, until: at })
    from = at
  }
  return runs
}
