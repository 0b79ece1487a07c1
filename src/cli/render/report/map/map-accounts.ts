import type { CellState, HeatMap, MapRow } from '../../../../verbs/report/figures.ts'
import { problemStates, statesWorstFirst } from './states.ts'

export type StateCounts = Record<CellState, number>

export interface CountedRow extends MapRow {
  readonly counts: StateCounts
}

/** The rows of one log account. */
export interface MapAccount {
  readonly logAccount: string
  readonly rows: readonly CountedRow[]
  readonly counts: StateCounts
}

export function mapAccounts({ rows, letters }: HeatMap): MapAccount[] {
  const accounts = new Map<string, { logAccount: string; rows: CountedRow[]; counts: StateCounts }>()
  for (const row of rows) {
    const account = accounts.get(row.logAccount) ?? { logAccount: row.logAccount, rows: [], counts: noCounts() }
    accounts.set(row.logAccount, account)
    const counts = noCounts()
    for (const letter of row.states) {
      const state = stateOf(letter, letters)
      counts[state]++
      account.counts[state]++
    }
    account.rows.push({ ...row, counts })
  }
  return [...accounts.values()]
}

/** The state of a letter. Throws for an unknown one, because any guess could hide a problem. */
export function stateOf(letter: string, letters: HeatMap['letters']): CellState {
  const state = letters[letter]
  if (state === undefined) throw new Error(`the map has no state for the letter ${JSON.stringify(letter)}`)
  return state
}

/** Compares two accounts or rows: the one with more of the worst state comes first. */
export function worstFirst(a: { readonly counts: StateCounts }, b: { readonly counts: StateCounts }): number {
  for (const state of problemStates) {
    const difference = b.counts[state] - a.counts[state]
    if (difference !== 0) return difference
  }
  return 0
}

export function problemCount(counts: StateCounts): number {
  return problemStates.reduce((sum, state) => sum + counts[state], 0)
}

function noCounts(): StateCounts {
  return Object.fromEntries(statesWorstFirst.map((state) => [state, 0])) as StateCounts
}
