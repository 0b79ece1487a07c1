import { randomBytes, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { CrosstrailError } from '../../error.ts'
import { interrupted } from '../../s3/interrupted.ts'
import { shellWord } from '../../trail/shell-word.ts'
import type { Trail } from '../../trail/trail.ts'
import { stoppedBy } from '../../work/journal.ts'
import { type FleetPlan, type FleetRequest, jobFormat } from '../format.ts'
import { markFolder } from '../shared-folder.ts'
import { fillRun } from './fill-run.ts'
import { type FleetTools, knownRun, refuseOtherFormat, runGone } from './fleet-tools.ts'
import type { FleetListener } from './report.ts'
import { fleetRunId } from './run-id.ts'
import type { StoredRun } from './run-store.ts'

export interface SubmitOptions {
  /** Part of the id of the run. */
  readonly trail: Trail
  /** Shown to people who look at the run. Default: the name of the host. */
  readonly submitter?: string | undefined
  readonly listener?: FleetListener | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Submitted {
  readonly runId: string
  /** True if the same run was submitted before, and has not ended. */
  readonly joined: boolean
  readonly slices: number
}

/** How long workers may need to let go of a slice: they finish the objects that are in flight. */
export const letGoMs = 10 * 60_000

/**
 * Submits a run, or joins it if it was submitted before and goes on. If its submitter died, continues its work. `plan` is not called if the
 * slices are known.
 */
export async function submitRun(
  tools: FleetTools,
  request: FleetRequest,
  plan: () => Promise<FleetPlan>,
  { trail, submitter = hostname(), listener = () => undefined, signal = new AbortController().signal }: SubmitOptions,
): Promise<Submitted> {
  const runId = fleetRunId(request, trail)
  return withLease(tools, runId, { listener, signal }, async (holder, run) => {
    if (run !== undefined) {
      refuseOtherFormat(run)
      const joined = await join(tools, run)
      if (joined !== undefined) return joined
      await removeJobs(tools, run, signal)
    }
    const { slices, report } = await plan()
    if (report.interrupted) throw interrupted(signal)
    if (report.error !== undefined) throw report.error
    if (new Set(slices.map(({ id }) => id)).size < slices.length) throw new Error('two slices have the same id')
    markFolder(request, runId)
    const fresh = { runId, round: newRound() }
    await tools.store.addSlices(fresh, slices)
    const counts = { done: 0, doneBytes: 0, skipped: 0, failed: 0 }
    const about = { request, submitter, submittedAtMs: Date.now(), unplanned: stoppedBy(report) }
    const whole = { ...fresh, ...about, format: jobFormat, slices: slices.length, bad: 0, counts }
    // Another submitter took over while this one planned: its slices count.
    if (!(await tools.store.publish(whole, holder))) {
      await tools.store.removeRound(fresh)
      return undefined
    }
    if (run !== undefined) await tools.store.removeRound(run)
    await fillRun(tools, fresh)
    return { runId, joined: false, slices: slices.length }
  })
}

/** Runs the slices of an ended run again that have failures or no result. Rejects with `usage.run-active`, `usage.unknown-run`. */
export async function retryRun(tools: FleetTools, runId: string, signal: AbortSignal): Promise<{ slices: number }> {
  await knownRun(tools, runId)
  return withLease(tools, runId, { listener: () => undefined, signal }, async (holder) => {
    const run = await knownRun(tools, runId)
    if (run.state === 'running' || run.state === 'submitting') {
      const server = shellWord(tools.connection.address.shown)
      throw new CrosstrailError('usage.run-active', `run ${runId} has not ended`, {
        hint: `wait for its end: crosstrail fleet watch ${runId} --fleet ${server}; or cancel it: crosstrail fleet cancel ${runId} --fleet ${server}`,
      })
    }
    const { all } = await tools.store.sliceIds(run)
    if (all.length < run.slices) throw runGone(runId)
    await removeJobs(tools, run, signal)
    const fresh = { runId, round: newRound() }
    const counts = await tools.store.copyRound(runId, run.round, fresh.round)
    if (!(await tools.store.publish({ ...run, ...fresh, bad: 0, counts }, holder))) {
      await tools.store.removeRound(fresh)
      return undefined
    }
    await tools.store.removeRound(run)
    const { open } = await tools.store.sliceIds(fresh)
    await fillRun(tools, fresh)
    return { slices: open.length }
  })
}

async function join(tools: FleetTools, run: StoredRun): Promise<Submitted | undefined> {
  const { runId, slices, state } = run
  if (state === 'submitting') await fillRun(tools, run)
  return state === 'submitting' || state === 'running' ? { runId, joined: true, slices } : undefined
}

async function removeJobs({ store, jobs }: FleetTools, run: StoredRun, signal: AbortSignal): Promise<void> {
  const { all } = await store.sliceIds(run)
  await jobs.removeAll(run.runId, all, letGoMs, signal)
  if (signal.aborted) throw interrupted(signal)
}

function newRound(): string {
  return randomBytes(6).toString('hex')
}

const renewMs = 4_000
const pollMs = 500

/** Calls `act` while no other submitter of the run is at work, and again if it resolves to undefined. */
async function withLease<T>(
  { store }: FleetTools,
  runId: string,
  { listener, signal }: { readonly listener: FleetListener; readonly signal: AbortSignal },
  act: (holder: string, run: StoredRun | undefined) => Promise<T | undefined>,
): Promise<T> {
  const holder = randomUUID()
  let isTold = false
  for (;;) {
    if (signal.aborted) throw interrupted(signal)
    if (!(await store.hold(runId, holder))) {
      const message = `another submitter is planning run ${runId}; waiting for its slices`
      if (!isTold) listener({ type: 'note', level: 'info', code: 'fleet.waiting', message })
      isTold = true
      await wait(pollMs)
      continue
    }
    // If Redis is away, the action fails by itself.
    const renewal = setInterval(() => void store.hold(runId, holder).catch(() => undefined), renewMs)
    try {
      const result = await act(holder, await store.read(runId))
      if (result !== undefined) return result
    } finally {
      clearInterval(renewal)
      // It ends by itself.
      await store.letGo(runId, holder).catch(() => undefined)
    }
  }
}
