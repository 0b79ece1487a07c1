import { setTimeout as wait } from 'node:timers/promises'
import { CrosstrailError } from '../../error.ts'
import { addTallies, TallyCounter } from '../../work/tally.ts'
import type { Tally } from '../../work/tally.ts'
import { endRun, repairRun } from './fill-run.ts'
import { type FleetTools, knownRun, statusFrom } from './fleet-tools.ts'
import { type BadSlice, type FleetListener, type FleetReport, isBad, type SliceEnd } from './report.ts'
import { keptMs, type StoredRun } from './run-store.ts'
import type { FleetSlice } from '../format.ts'

export interface WatchOptions {
  readonly listener?: FleetListener | undefined
  /** If aborted, the report is of the part until then, and the run goes on. */
  readonly signal?: AbortSignal | undefined
  readonly pollMs?: number | undefined
}

/** Others who watch the run must be able to read its end. */
const farewellMs = 60_000
const repairAfterMs = 30_000
const mostUnrun = 100

/**
 * Follows a run until it has ended, or was cancelled and no worker has a slice of it. If the run has no failures, it is then removed.
 * Rejects with `usage.unknown-run`, `fleet.run-gone` if it was removed or submitted anew meanwhile, and with `fleet.…`.
 */
export async function watchRun(
  tools: FleetTools,
  runId: string,
  { listener = () => undefined, signal, pollMs = 500 }: WatchOptions,
): Promise<FleetReport> {
  const first = await knownRun(tools, runId)
  const sum = new RunSum()
  const told = new Set<string>()
  let quietSinceMs = performance.now()
  for (;;) {
    const run = await tools.store.read(runId)
    if (run?.round !== first.round) throw gone(runId)
    const [ended, beats] = [await tools.store.countResults(run), await tools.workers.all()]
    // The state was read before the results, so all results of an ended run are there.
    for (;;) {
      const results = await tools.store.resultsFrom(run, sum.ended)
      if (results.length === 0) break
      for (const { slice, end } of results) {
        sum.add(slice, end)
        listener({ type: 'slice', slice, end })
      }
      quietSinceMs = performance.now()
    }
    for (const note of await tools.store.notes(run)) {
      const text = JSON.stringify(note)
      if (!told.has(text)) listener({ type: 'worker-note', note })
      told.add(text)
    }
    listener({ type: 'progress', status: statusFrom(run, Math.max(ended, sum.ended), beats) })
    if (signal?.aborted === true) return sum.report(run)
    if (run.state === 'finished') return end(tools, run, sum)
    if (run.state === 'cancelled' && (await endRun(tools, run, keptMs))) {
      const last = await tools.store.resultsFrom(run, sum.ended)
      if (last.length === 0) return end(tools, run, sum)
      continue
    }
    if (run.state === 'running' && performance.now() - quietSinceMs > repairAfterMs) {
      await repairRun(tools, run)
      quietSinceMs = performance.now()
    }
    await wait(pollMs, undefined, { signal }).catch(() => undefined)
  }
}

async function end(tools: FleetTools, run: StoredRun, sum: RunSum): Promise<FleetReport> {
  const report = sum.report(run)
  if (run.state === 'finished' && sum.ended < run.slices) throw gone(run.runId)
  const isGood = run.state === 'finished' && report.bad === 0
  await endRun(tools, run, isGood ? farewellMs : keptMs)
  if (isGood) await tools.store.unlist(run.runId)
  return report
}

function gone(runId: string): CrosstrailError {
  return new CrosstrailError('fleet.run-gone', `run ${runId} is no longer in Redis as it was submitted`, {
    hint: 'it was submitted again or retried, or Redis lost its data: run the command again, and what is done is skipped',
    facts: { run: runId },
  })
}

/** Adds up results. Holds no list of objects or slices. */
class RunSum {
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
      ...{ runId, request, state, slices },
      ended: this.ended,
      bad: this.#bad,
      total: this.#total,
      findings: { ...this.#findings },
      stopped: { ...unplanned, ...this.#stopped },
      unrun: [...this.#unrun],
      omittedLines: this.#omittedLines,
      workers: [...this.#workers].toSorted(),
      seconds: Math.max(0, finishedAtMs - submittedAtMs) / 1000,
    }
  }
}
