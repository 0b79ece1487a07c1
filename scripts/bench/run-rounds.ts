import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Entrant } from './entrant.ts'
import { measure, type Measured } from './measure.ts'

export interface Rounds {
  readonly rounds: number
  /** Where the folders of the entrants go. */
  readonly below: string
}

/**
 * Runs all entrants alternately, round after round, and resolves with the runs of each, one for each round. Rejects if a run fails or did not do its work.
 */
export async function runRounds(
  entrants: readonly Entrant[],
  { rounds, below }: Rounds,
): Promise<Map<Entrant, Measured[]>> {
  const runs = new Map<Entrant, Measured[]>(entrants.map((entrant) => [entrant, []]))
  const folderOf = ({ tool }: Entrant) => join(below, tool.replace(/\W+/g, '-'))
  try {
    for (const entrant of entrants) {
      if (entrant.before === undefined) continue
      const folder = folderOf(entrant)
      mkdirSync(folder, { recursive: true })
      await measure(entrant.before(folder), entrant.env)
    }
    for (let round = 0; round < rounds; round++) {
      // Every other round runs in reverse order, because the first entrant has cold caches and warms them for the next.
      for (const entrant of round % 2 === 0 ? entrants : entrants.toReversed()) {
        const folder = folderOf(entrant)
        mkdirSync(folder, { recursive: true })
        runs.get(entrant)?.push(await measure(entrant.command(folder), entrant.env))
        entrant.check?.(folder)
        if (entrant.before === undefined) rmSync(folder, { recursive: true, force: true })
      }
    }
    return runs
  } finally {
    for (const entrant of entrants) rmSync(folderOf(entrant), { recursive: true, force: true })
  }
}
