import { join } from 'node:path'
import { runIdOf } from '../verbs/run-head.ts'
import { Journal } from '../work/journal.ts'
import type { FleetRequest } from './format.ts'

/** A worker may serve many runs in its life. */
const mostOpen = 16

/**
 * The journals of a worker, `fleet-<run>-<worker>-<start>.ndjson`: a file for each run, with the lines of all its slices. Each line names its slice, and
 * each slice has its own last line. `merge` refuses them, because the journal of the submitter has the results of all workers.
 */
export class WorkerJournals {
  readonly #folder: string
  readonly #worker: string
  /** By run. The one used last comes last. */
  readonly #open = new Map<string, { readonly journal: Journal; slices: number }>()

  constructor(folder: string, worker: string) {
    this.#folder = folder
    this.#worker = worker
  }

  /** Returns the journal of a run. Call `release` when the slice has ended. Throws `disk.journal`, `disk.full`. */
  take(runId: string, { verb, selection, options }: FleetRequest): Journal {
    let entry = this.#open.get(runId)
    if (entry?.journal.hasFailed === true) {
      // Slices that still use it fail, and are run again.
      this.#open.delete(runId)
      entry.journal.end()
      entry = undefined
    }
    if (entry === undefined) {
      this.#makeRoom()
      const startedMs = Date.now()
      const worker = this.#worker.replaceAll(/[^\w.-]/g, '_')
      const file = join(this.#folder, `fleet-${runId}-${worker}-${runIdOf(startedMs)}.ndjson`)
      const head = { worker: this.#worker, fleetRun: runId, startedAt: new Date(startedMs).toISOString() }
      entry = { journal: new Journal(file, { ...head, verb, selection, options }), slices: 0 }
    }
    entry.slices++
    this.#open.delete(runId)
    this.#open.set(runId, entry)
    return entry.journal
  }

  release(runId: string): void {
    const entry = this.#open.get(runId)
    if (entry !== undefined) entry.slices--
  }

  /** Closes all files. */
  close(): void {
    for (const { journal } of this.#open.values()) journal.end()
    this.#open.clear()
  }

  #makeRoom(): void {
    for (const [runId, { journal, slices }] of this.#open) {
      if (this.#open.size < mostOpen) return
      if (slices > 0) continue
      this.#open.delete(runId)
      journal.end()
    }
  }
}
