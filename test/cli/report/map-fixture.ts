import type { AccountId } from '../../../src/trail/account-id.ts'
import { dayMs } from '../../../src/trail/calendar.ts'
import { dayOf } from '../../../src/trail/time.ts'
import { cellStates, type CellState, type HeatMap, type MapRow } from '../../../src/verbs/report/figures.ts'

export const letters = {
  '-': 'none',
  q: 'quiet',
  v: 'verified',
  d: 'delivered',
  o: 'no-digests',
  p: 'pending',
  l: 'late',
  s: 'silent',
  u: 'unverified',
  m: 'missing',
} as const satisfies Record<string, CellState>

export const allRegions = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
]

/** The letters of a row, each after its number: `2d 1m` is `ddm`. */
export function cells(text: string): string {
  return text.replaceAll(/(\d+)(\S) ?/g, (_, count: string, letter: string) => letter.repeat(Number(count)))
}

export function accountId(number: number): AccountId {
  return String(100_000_000_000 + number * 1_234_567) as AccountId
}

/** The starts of steps, from a day on. */
export function stepsFrom(day: string, count: number, step: HeatMap['step']): string[] {
  const length = step === 'day' ? dayMs : 7 * dayMs
  return Array.from({ length: count }, (_, at) => dayOf(Date.parse(day) + at * length))
}

export function heatMap(step: HeatMap['step'], steps: readonly string[], rows: readonly MapRow[]): HeatMap {
  const counts = Object.fromEntries(cellStates.map((state) => [state, 0])) as Record<CellState, number>
  for (const { states } of rows) {
    for (const letter of states) counts[letters[letter as keyof typeof letters]]++
  }
  return { step, steps, rows, letters, counts }
}

/** A generator of the same numbers in every run, from 0 up to 1. */
export function repeatable(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
