import { type Entrant, ofBuild } from './entrant.ts'
import type { Measured } from './measure.ts'
import { type Rounds, runRounds } from './run-rounds.ts'
import type { Section } from './section.ts'
import { showSpread, spreadOf } from './statistics.ts'

export interface BuildRounds extends Rounds {
  /** The `dist/bin.cjs` of the other build. */
  readonly against: string
}

/** The same command of two builds, round by round. */
export interface BuildRuns {
  readonly command: string
  readonly own: readonly Measured[]
  readonly other: readonly Measured[]
}

/**
 * Runs each of crosstrail's entrants with this build and with another one alternately, without other tools. Each build first runs once,
 * unmeasured, because its first run stores compiled code.
 */
export async function compareBuilds(
  entrants: readonly Entrant[],
  { rounds, below, against }: BuildRounds,
): Promise<Section> {
  const found: BuildRuns[] = []
  for (const own of entrants) {
    if (own.hasBuilds !== true) continue
    const other = ofBuild(own, against, `${own.tool} of the other build`)
    await runRounds([own, other], { rounds: 1, below })
    const runs = await runRounds([own, other], { rounds, below })
    found.push({ command: own.tool, own: runs.get(own) ?? [], other: runs.get(other) ?? [] })
  }
  return buildsSection(found)
}

/** The figures of each round and their ratios, this build's to the other's: below 1 this build takes less. */
export function buildsSection(found: readonly BuildRuns[]): Section {
  return {
    head: ['', 'round', 'wall s', 'other', 'ratio', 'CPU s', 'other', 'ratio', 'peak MB', 'other', 'ratio'],
    cells: found.flatMap(({ command, own, other }) => {
      const figures = keys.map(({ key, digits }) => {
        const [mine, theirs] = [own.map((run) => run[key]), other.map((run) => run[key])]
        const ratios = mine.map((value, round) => value / (theirs[round] ?? Number.NaN))
        return { digits, mine, theirs, ratios }
      })
      const inRound = (round: number) =>
        figures.flatMap(({ digits, mine, theirs, ratios }) => [
          (mine[round] ?? Number.NaN).toFixed(digits),
          (theirs[round] ?? Number.NaN).toFixed(digits),
          (ratios[round] ?? Number.NaN).toFixed(3),
        ])
      const medians = figures.flatMap(({ digits, mine, theirs, ratios }) => [
        spreadOf(mine).median.toFixed(digits),
        spreadOf(theirs).median.toFixed(digits),
        showSpread(spreadOf(ratios), 3),
      ])
      const below = figures.flatMap(({ ratios }) => [
        '',
        '',
        `${ratios.filter((ratio) => ratio < 1).length} of ${ratios.length}`,
      ])
      return [
        ...own.map((_, round) => [command, `${round + 1}`, ...inRound(round)]),
        [command, 'median', ...medians],
        [command, 'rounds below 1', ...below],
      ]
    }),
    verdicts: [],
  }
}

const keys = [
  { key: 'wallSeconds', digits: 2 },
  { key: 'cpuSeconds', digits: 2 },
  { key: 'peakMegabytes', digits: 0 },
] as const
