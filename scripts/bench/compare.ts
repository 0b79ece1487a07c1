import { compareBuilds } from './builds.ts'
import type { Entrant } from './entrant.ts'
import type { Measured } from './measure.ts'
import { type Rounds, runRounds } from './run-rounds.ts'
import type { Section, Verdict } from './section.ts'
import { showSpread, type Spread, spreadOf } from './statistics.ts'

export interface Reach {
  /** The entrant whose figure is judged. Default: the first one. */
  readonly of?: string
  readonly than: string
  readonly measure: 'wall' | 'CPU'
  readonly atMost: number
}

export interface Comparison {
  readonly objects: number
  /** The ratios are of the first one to the others. */
  readonly entrants: readonly Entrant[]
  readonly reach: readonly Reach[]
}

export interface ComparedRounds extends Rounds {
  /** The `dist/bin.cjs` of another build of crosstrail, which takes the place of all other tools. */
  readonly against?: string | undefined
}

/** Runs all entrants alternately, round after round, and returns medians, spreads, and ratios within the rounds. */
export async function compare(comparison: Comparison, rounds: ComparedRounds): Promise<Section> {
  const { objects, entrants, reach } = comparison
  if (rounds.against !== undefined) return compareBuilds(entrants, { ...rounds, against: rounds.against })
  const runs = await runRounds(entrants, rounds)
  const first = [...runs.values()][0] ?? []
  const ratiosTo = (theirs: readonly Measured[], key: 'wallSeconds' | 'cpuSeconds', own = first) =>
    spreadOf(own.map((mine, round) => mine[key] / Math.max(theirs[round]?.[key] ?? NaN, 0.001)))
  return {
    head: ['', 'wall s', 'CPU s', 'peak MB', 'objects/s', 'wall ratio', 'CPU ratio'],
    cells: [...runs].map(([{ tool }, measured]) => {
      const wall = spreadOf(measured.map((run) => run.wallSeconds))
      return [
        tool,
        showSpread(wall, 2),
        showSpread(spreadOf(measured.map((run) => run.cpuSeconds)), 2),
        showSpread(peakOf(measured), 0),
        Math.round(objects / wall.median).toLocaleString('en'),
        showSpread(ratiosTo(measured, 'wallSeconds'), 2),
        showSpread(ratiosTo(measured, 'cpuSeconds'), 2),
      ]
    }),
    verdicts: reach.flatMap(({ of, than, measure: what, atMost }): Verdict[] => {
      const theirs = [...runs].find(([{ tool }]) => tool.startsWith(than))?.[1]
      const own = of === undefined ? first : [...runs].find(([{ tool }]) => tool === of)?.[1]
      if (theirs === undefined || own === undefined) return []
      const ratio = ratiosTo(theirs, what === 'wall' ? 'wallSeconds' : 'cpuSeconds', own).median
      const name = of === undefined ? what : `${of}: ${what}`
      return [{ what: `${name} ≤ ${atMost} × ${than}`, got: `${showRatio(ratio)} ×`, reached: ratio <= atMost }]
    }),
    peaks: Object.fromEntries([...runs].map(([{ tool }, measured]) => [tool, peakOf(measured)])),
    bars: [...runs].map(([{ tool }, measured]) => ({
      name: tool,
      wallSeconds: spreadOf(measured.map((run) => run.wallSeconds)).median,
      cpuSeconds: spreadOf(measured.map((run) => run.cpuSeconds)).median,
      wallRatio: ratiosTo(measured, 'wallSeconds').median,
    })),
  }
}

function peakOf(measured: readonly Measured[]): Spread {
  return spreadOf(measured.map((run) => run.peakMegabytes))
}

/** Three digits if two digits would round the figure to its target. */
function showRatio(ratio: number): string {
  return ratio.toFixed(ratio < 0.2 ? 3 : 2)
}
