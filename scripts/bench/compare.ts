import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandLine, measure, type Measured } from './measure.ts'
import type { Section, Verdict } from './section.ts'
import { showSpread, type Spread, spreadOf } from './statistics.ts'

/** One tool in one row. The first entrant of a row is crosstrail's. */
export interface Entrant {
  readonly tool: string
  /** `folder` is fresh and empty, or, where there is a `before`, its own and used again. */
  command(folder: string): CommandLine
  readonly env: Readonly<Record<string, string>>
  /** Run once, unmeasured, before the first round. */
  before?(folder: string): CommandLine
  /** Throws where the work was not done: unmeasured, after each run. */
  check?(folder: string): void
}

export interface Reach {
  /** Whose figure is judged, where it is not the first entrant's. */
  readonly of?: string
  readonly than: string
  readonly measure: 'wall' | 'CPU'
  readonly atMost: number
}

export interface Comparison {
  readonly objects: number
  readonly entrants: readonly Entrant[]
  readonly reach: readonly Reach[]
}

export interface Rounds {
  readonly rounds: number
  /** Where the folders go. */
  readonly below: string
}

/** Runs all entrants in turn, round after round, and tells medians, spreads and ratios within the rounds. */
export async function compare({ objects, entrants, reach }: Comparison, { rounds, below }: Rounds): Promise<Section> {
  const runs = new Map<Entrant, Measured[]>(entrants.map((entrant) => [entrant, []]))
  for (const entrant of entrants) {
    if (entrant.before === undefined) continue
    const folder = folderOf(entrant, below)
    mkdirSync(folder, { recursive: true })
    await measure(entrant.before(folder), entrant.env)
  }
  for (let round = 0; round < rounds; round++) {
    // Turned about: what comes first finds caches cold and leaves them warm.
    for (const entrant of round % 2 === 0 ? entrants : entrants.toReversed()) {
      const folder = folderOf(entrant, below)
      mkdirSync(folder, { recursive: true })
      runs.get(entrant)?.push(await measure(entrant.command(folder), entrant.env))
      entrant.check?.(folder)
      if (entrant.before === undefined) rmSync(folder, { recursive: true, force: true })
    }
  }
  for (const entrant of entrants) rmSync(folderOf(entrant, below), { recursive: true, force: true })
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

function folderOf({ tool }: Entrant, below: string): string {
  return join(below, tool.replace(/\W+/g, '-'))
}

/** Three digits where two would round a small one to what was to be reached. */
function showRatio(ratio: number): string {
  return ratio.toFixed(ratio < 0.2 ? 3 : 2)
}
