import { TallyCounter } from '../../work/tally.ts'
import type { FleetTools } from './fleet-tools.ts'
import { groups } from './groups.ts'
import type { RoundId, StoredRun } from './run-store.ts'
import type { RunState, SliceEnd } from './report.ts'

/** Adds the jobs of all slices that have no result, and starts the run. May be repeated. Returns the state of the run. */
export async function fillRun(tools: FleetTools, run: RoundId): Promise<RunState | 'gone'> {
  const { store, jobs } = tools
  const { open } = await store.sliceIds(run)
  await addJobs(tools, run, open)
  const state = await store.start(run, Date.now())
  // It was cancelled meanwhile, and others may have removed its jobs already.
  if (state === 'cancelled') await jobs.remove(run.runId, open)
  return state
}

async function addJobs({ store, jobs }: FleetTools, run: RoundId, sliceIds: readonly string[]): Promise<void> {
  for (const group of groups(sliceIds)) await jobs.add(run.runId, await store.slices(run, group))
}

/**
 * Finds slices without a result whose jobs are gone or have failed, and adds or reports them. A run would never end without this if Redis lost its
 * last second, or if a worker died at the wrong moment.
 */
export async function repairRun(tools: FleetTools, run: StoredRun): Promise<void> {
  const { store, jobs } = tools
  const { open } = await store.sliceIds(run)
  const { lost, failed } = await jobs.findStray(run.runId, open)
  const left = new Set(await jobs.remove(run.runId, lost))
  await addJobs(
    tools,
    run,
    lost.filter((id) => !left.has(id)),
  )
  for (const id of failed) await store.addResult(run, id, unrun('', 'fleet.slice-failed', lostReason), Date.now())
}

const lostReason = 'the workers that tried it ended before they could say why'

/** Removes the jobs of an ended run, except those that a worker has in work, and lets the rest expire. Returns whether all jobs are gone. */
export async function endRun({ store, jobs }: FleetTools, run: StoredRun, keepMs: number): Promise<boolean> {
  const { all } = await store.sliceIds(run)
  const left = await jobs.remove(run.runId, all)
  await store.expire(run, keepMs)
  return left.length === 0
}

/** The result of a slice that could not be run. */
export function unrun(worker: string, code: string, message: string, seconds = 0): SliceEnd {
  return {
    worker,
    tally: new TallyCounter().snapshot(),
    interrupted: false,
    stopped: { '*': code },
    findings: {},
    lines: [],
    omittedLines: 0,
    seconds,
    error: { code, message },
  }
}
