import { addTallies, type Tally, TallyCounter } from '../../work/tally.ts'
import type { FleetSlice } from '../format.ts'
import { type BadSlice, type FleetReport, isBad, type SliceEnd } from './report.ts'
import type { StoredRun } from './run-store.ts'

const mostUnrun = 100

/** Adds up results. Holds no list of objects or slices. */
export class RunSum {
  ended = 0
  #bad = 0
  #total: Tally = new TallyCounter().snapshot()
  #omittedLines = 0
  readonly #findings: Record<string, number> = {}
  readonly #stopped: Record<string, string> = {}
  readonly #unrun: BadSlice[] = []
  readonly #workers = new Set<string>()

  add(slice: FleetSlice, end: SliceEnd): void {
    this.ended++
    this.#total = addTallies([this.#total, end.tally])
    this.#omittedLines += end.omittedLines
    for (const [code, count] of Object.entries(end.findings)) {
      this.#findings[code] = (this.#findings[code] ?? 0) + count
    }
    if (isBad(end)) this.#bad++
    Object.assign(this.#stopped, end.stopped)
    if (end.error !== undefined && this.#unrun.length < mostUnrun) this.#unrun.push({ slice, end })
    if (end.worker !== '') this.#workers.add(end.worker)
  }

  report(run: StoredRun): FleetReport {
    const { runId, request, state, slices, unplanned, submittedAtMs, finishedAtMs = Date.now() } = run
    return {
      runId,
      request,
      state,
      slices,
      ended: this.ended,
      bad: this.#bad,
      total: this.#total,
      findings: { ...this.#findings },
      stopped: {
        ...unplanned,
        ...this.#stopped,
      },
      unrun: [...this.#unrun],
      omittedLines: this.#omittedLines,
      workers: [...this.#workers].toSorted(),
      seconds: Math.max(0, finishedAtMs - submittedAtMs) / 1e3,
    }
  }
}
