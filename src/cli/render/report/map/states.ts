import type { CellState } from '../../../../verbs/report/figures.ts'

/** A horizontal bar inside a row that is 16 units high: where its middle is, and how thick it is. */
export interface Bar {
  readonly middle: number
  readonly thick: number
}

export interface StateLook {
  readonly name: string
  /** What it means, as a sentence of the legend. `$step` is a day or a week. */
  readonly meaning: string
  /** Each state has its own shape, so nobody needs to see colors. The taller a bar without gaps, the more is proven. */
  readonly bars: readonly Bar[]
}

export const stateLooks: Readonly<Record<CellState, StateLook>> = {
  missing: {
    name: 'Missing',
    meaning: 'A proven digest lists a log that is not there, a digest is missing, or a log or digest was changed.',
    bars: [{ middle: 8, thick: 14 }],
  },
  unverified: {
    name: 'Unverified',
    meaning:
      'Some logs could not be proven: their digest is missing or not proven, no digest lists them, or they could not be read.',
    bars: [
      { middle: 3.5, thick: 3 },
      { middle: 8, thick: 3 },
      { middle: 12.5, thick: 3 },
    ],
  },
  silent: {
    name: 'Silent',
    meaning: 'There are no logs, and nothing proves that there were none.',
    bars: [
      { middle: 3.25, thick: 2.5 },
      { middle: 12.75, thick: 2.5 },
    ],
  },
  late: {
    name: 'Late',
    meaning: 'S3 received a log more than an hour after the time in its name.',
    bars: [
      { middle: 4.5, thick: 5 },
      { middle: 11.5, thick: 5 },
    ],
  },
  pending: {
    name: 'Pending',
    meaning: 'The newest digests are not due yet.',
    bars: [{ middle: 8, thick: 3 }],
  },
  'no-digests': {
    name: 'No digests',
    meaning: 'There are logs, but no digest is as old, or digests were not checked.',
    bars: [{ middle: 12, thick: 4 }],
  },
  delivered: {
    name: 'Delivered',
    meaning: 'A proven digest lists every log. The hashes of the logs were not compared.',
    bars: [{ middle: 10, thick: 8 }],
  },
  verified: {
    name: 'Verified',
    meaning: 'Every log has the hash that a proven digest lists.',
    bars: [
      { middle: 10, thick: 8 },
      { middle: 3, thick: 2 },
    ],
  },
  quiet: {
    name: 'Quiet',
    meaning: 'There are no logs, and proven digests say that there were none.',
    bars: [{ middle: 13.25, thick: 1.5 }],
  },
  none: {
    name: 'Not in scope',
    meaning: 'The $step is before the first log, after the window, or outside of the selection.',
    bars: [],
  },
}

/** From the worst to the best. */
export const statesWorstFirst = Object.keys(stateLooks) as readonly CellState[]

/** States that need attention, the worst first. */
export const problemStates: readonly CellState[] = ['missing', 'unverified', 'silent', 'late']

export function isProblem(state: CellState): boolean {
  return problemStates.includes(state)
}
