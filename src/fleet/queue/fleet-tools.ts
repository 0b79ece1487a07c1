import { CrosstrailError } from '../../error.ts'
import { shellWord } from '../../trail/shell-word.ts'
import { jobFormat } from '../format.ts'
import type { FleetConnection } from './fleet-connection.ts'
import type { RunStatus } from './report.ts'
import type { RunStore, StoredRun } from './run-store.ts'
import type { SliceJobs } from './slice-jobs.ts'
import type { WorkerBeat, WorkerList } from './worker-list.ts'

/** What every action on a fleet uses. */
export interface FleetTools {
  readonly connection: FleetConnection
  readonly store: RunStore
  readonly jobs: SliceJobs
  readonly workers: WorkerList
}

/** Returns a run. Rejects with `usage.unknown-run`, `fleet.other-format`. */
export async function knownRun({ store, connection }: FleetTools, runId: string): Promise<StoredRun> {
  const run = await store.read(runId)
  if (run === undefined) {
    const { shown } = connection.address
    throw new CrosstrailError('usage.unknown-run', `there is no run ${runId} in the Redis at ${shown}`, {
      hint: `a run is removed after its end; list the others: crosstrail fleet status --fleet ${shellWord(shown)}`,
      facts: { run: runId },
    })
  }
  refuseOtherFormat(run)
  return run
}

/** Throws `fleet.other-format` if another version of crosstrail submitted the run. */
export function refuseOtherFormat({ runId, format }: Pick<StoredRun, 'runId' | 'format'>): void {
  if (format === jobFormat) return
  throw new CrosstrailError(
    'fleet.other-format',
    `run ${runId} has format ${format} of slices, and this version of crosstrail has format ${jobFormat}`,
    { hint: 'use the version of crosstrail that submitted the run', facts: { format, own: jobFormat } },
  )
}

export function runGone(runId: string): CrosstrailError {
  return new CrosstrailError('fleet.run-gone', `run ${runId} is no longer in Redis as it was submitted`, {
    hint: 'it was submitted again or retried, or Redis lost its data: run the command again, and what is done is skipped',
    facts: { run: runId },
  })
}

export async function statusOf({ store, workers }: FleetTools, run: StoredRun): Promise<RunStatus> {
  const [ended, beats] = await Promise.all([store.countResults(run), workers.all()])
  return statusFrom(run, ended, beats)
}

export function statusFrom(run: StoredRun, ended: number, beats: readonly WorkerBeat[]): RunStatus {
  const { runId, state, request, submitter, submittedAtMs, finishedAtMs, slices, bad, counts, unplanned } = run
  const parts = beats.flatMap(({ runs }) => runs[runId] ?? [])
  const sum = (of: (part: (typeof parts)[number]) => number): number =>
    parts.reduce((total, part) => total + of(part), 0)
  return {
    runId,
    state,
    request,
    submitter,
    submittedAtMs,
    finishedAtMs,
    slices,
    ended,
    bad,
    unplanned,
    ...counts,
    active: sum((part) => part.slices),
    seenObjects: counts.done + counts.skipped + counts.failed + sum(({ objects }) => objects),
    seenBytes: counts.doneBytes + sum(({ bytes }) => bytes),
    workers: beats.length,
  }
}
