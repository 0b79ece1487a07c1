import { join } from 'node:path'
import type { Environment } from '../config/environment.ts'
import { journalFolder } from '../verbs/journal-folder.ts'
import { runIdOf } from '../verbs/run-head.ts'
import { Journal } from '../work/journal.ts'
import { type FleetRequest, fleetVerbs } from './format.ts'
import type { BadSlice, FleetReport } from './queue/report.ts'

interface RunPlace {
  readonly runId: string
  readonly request: FleetRequest
  readonly journalDir: string | undefined
  readonly env: Environment
  readonly nowMs: number
}

/** The journal of whoever watches a run: a line for each slice with its tally, and each failure and finding. Contains no secret. */
export class RunJournal {
  readonly #journal: Journal

  /** Throws `usage.missing-option`, `disk.full`, `disk.journal`. */
  constructor({ runId, request, journalDir, env, nowMs }: RunPlace) {
    // The verb of a run that was submitted elsewhere comes from Redis.
    const verb = fleetVerbs.find((known) => known === request.verb) ?? 'run'
    const name = `fleet-${verb}-${runIdOf(nowMs)}.ndjson`
    // `merge` refuses a journal with `fleetRun`: its lines are slices, not objects.
    this.#journal = new Journal(join(journalFolder(journalDir, env), name), {
      fleetRun: runId,
      startedAt: new Date(nowMs).toISOString(),
      ...request,
    })
  }

  get file(): string {
    return this.#journal.file
  }

  add({ slice, end }: BadSlice): void {
    const { lines, ...result } = end
    this.#journal.note({ type: 'slice', slice, ...result })
    for (const line of lines) this.#journal.note({ slice: slice.id, ...line })
  }

  close({ total, state, stopped }: FleetReport): void {
    this.#journal.close(total, state !== 'finished', stopped)
  }

  /** For a run that ends in an error. */
  abandon(): void {
    this.#journal.abandon()
  }
}
