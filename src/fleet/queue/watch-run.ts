import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { endRun, fillRun, repairRun } from './fill-run.ts'
import { type FleetTools, knownRun, runGone, statusFrom } from './fleet-tools.ts'
import type { FleetListener, FleetReport } from './report.ts'
import { keptMs, type StoredRun } from './run-store.ts'
import { RunSum } from './run-sum.ts'

export interface WatchOptions {
  readonly listener?: FleetListener | undefined
  /** If aborted, the report is of the part until then, and the run goes on. */
  readonly signal?: AbortSignal | undefined
  readonly pollMs?: number | undefined
}

/** Others who watch the run must be able to read its end. */
const farewellMs = 60_000
/** Nothing has happened for so long that something may be lost. */
const repairAfterMs = 30_000
/** Looking for slices in work reads all slices. */
const letGoPollMs = 1_000

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
  let read = 0
  let quietSinceMs = performance.now()
  const readResults = async (run: StoredRun): Promise<void> => {
    for (;;) {
      const results = await tools.store.resultsFrom(run, read)
      if (results.read === 0) return
      read += results.read
      for (const { slice, end } of results.found) {
        sum.add(slice, end)
        listener({ type: 'slice', slice, end })
      }
      quietSinceMs = performance.now()
    }
  }
  for (;;) {
    const run = await tools.store.read(runId)
    if (run?.round !== first.round) throw runGone(runId)
    // The state was read before the results, so all results of an ended run are there.
    await readResults(run)
    for (const note of await tools.store.notes(run)) {
      const text = JSON.stringify(note)
      if (!told.has(text)) listener({ type: 'worker-note', note })
      told.add(text)
    }
    listener({ type: 'progress', status: statusFrom(run, sum.ended, await tools.workers.all()) })
    if (signal?.aborted === true) return sum.report(run)
    if (run.state === 'finished') return end(tools, run, sum)
    const isCancelled = run.state === 'cancelled'
    if (isCancelled && (await endRun(tools, run, keptMs))) {
      await readResults(run)
      return end(tools, run, sum)
    }
    if (performance.now() - quietSinceMs > repairAfterMs) {
      await mend(tools, run)
      quietSinceMs = performance.now()
    }
    await wait(isCancelled ? Math.max(pollMs, letGoPollMs) : pollMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Does what dead submitters and workers have left undone. */
async function mend(tools: FleetTools, run: StoredRun): Promise<void> {
  if (run.state === 'running') return repairRun(tools, run)
  const holder = randomUUID()
  if (run.state !== 'submitting' || !(await tools.store.hold(run.runId, holder))) return
  await fillRun(tools, run)
  await tools.store.letGo(run.runId, holder)
}

async function end(tools: FleetTools, run: StoredRun, sum: RunSum): Promise<FleetReport> {
  const report = sum.report(run)
  if (run.state === 'finished' && sum.ended < run.slices) throw runGone(run.runId)
  const isGood = run.state === 'finished' && report.bad === 0
  await endRun(tools, run, isGood ? farewellMs : keptMs)
  if (isGood) await tools.store.unlist(run.runId)
  return report
}
