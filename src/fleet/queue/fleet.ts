import type { Environment } from '../../config/environment.ts'
import type { FleetPlan, FleetRequest } from '../format.ts'
import { checkServer } from './check-server.ts'
import { FleetConnection } from './fleet-connection.ts'
import { type FleetTools, knownRun, statusOf } from './fleet-tools.ts'
import { redisAddress } from './redis-address.ts'
import type { FleetListener, FleetReport, RunStatus } from './report.ts'
import { keptMs, RunStore } from './run-store.ts'
import { SliceJobs } from './slice-jobs.ts'
import { letGoMs, retryRun, submitRun, type Submitted, type SubmitOptions } from './submit-run.ts'
import { watchRun, type WatchOptions } from './watch-run.ts'
import { WorkerList } from './worker-list.ts'

export interface FleetOptions {
  /** `redis://user@host:port/database` or `rediss://…`, without a password. */
  readonly url: string
  /** Has the password. */
  readonly env: Environment
  readonly signal?: AbortSignal | undefined
  /** Hears when Redis is away, and when it is back. */
  readonly listener?: FleetListener | undefined
  /** How long Redis may be away. Default: ten minutes. */
  readonly patienceMs?: number | undefined
  /** How long to try to reach it at first. Default: 20 seconds. */
  readonly connectMs?: number | undefined
}

/**
 * Runs that several machines share, in one Redis. All methods reject with `fleet.unreachable` if Redis stays away, `fleet.refused` and
 * `fleet.full`.
 */
export interface Fleet {
  readonly tools: FleetTools
  /** The URL, without a password. */
  readonly shown: string
  /** Submits a run, or joins it. Rejects with `fleet.other-format`, and as `plan`. */
  submit(request: FleetRequest, plan: () => Promise<FleetPlan>, options: SubmitOptions): Promise<Submitted>
  /** Resolves when the run has ended. Rejects with `usage.unknown-run`, `fleet.run-gone`. */
  watch(runId: string, options?: WatchOptions): Promise<FleetReport>
  /** Returns a run, or all runs, newest first. Rejects with `usage.unknown-run`. */
  status(runId?: string): Promise<readonly RunStatus[]>
  /**
   * Cancels a run, and waits until no worker has a slice of it, unless `signal` is aborted. A run that has ended stays as it is.
   * Rejects with `usage.unknown-run`.
   */
  cancel(runId: string, signal?: AbortSignal): Promise<RunStatus>
  /** Runs the slices again that have failures or no result. Rejects with `usage.run-active`, `usage.unknown-run`. */
  retry(runId: string, signal?: AbortSignal): Promise<{ readonly slices: number }>
  close(): void
}

/**
 * Connects to the Redis of a fleet. Rejects with `usage.fleet-url`, `usage.no-redis-client`, `fleet.unreachable`, `fleet.refused`, `fleet.unsuitable`,
 * `interrupted`.
 */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const { signal = new AbortController().signal, listener, patienceMs = 600_000, connectMs = 20_000 } = options
  const address = redisAddress(options.url, options.env)
  const onNote = (code: string, message: string): void =>
    listener?.({ type: 'note', level: code === 'fleet.reached' ? 'info' : 'warning', code, message })
  const connection = await FleetConnection.open({ address, patienceMs, connectMs, signal, onNote })
  try {
    await checkServer(connection)
    const jobs = await SliceJobs.open(connection)
    const tools = { connection, jobs, store: new RunStore(connection), workers: new WorkerList(connection) }
    return fleetOf(tools)
  } catch (error) {
    connection.close()
    throw error
  }
}

function fleetOf(tools: FleetTools): Fleet {
  const { connection, store, jobs } = tools
  const never = new AbortController().signal
  return {
    tools,
    shown: connection.address.shown,
    submit: (request, plan, options) => submitRun(tools, request, plan, options),
    watch: (runId, options = {}) => watchRun(tools, runId, options),
    status: async (runId) => {
      if (runId !== undefined) return [await statusOf(tools, await knownRun(tools, runId))]
      const all: RunStatus[] = []
      for (const id of await store.list()) {
        const run = await store.read(id)
        if (run === undefined) await store.unlist(id)
        else all.push(await statusOf(tools, run))
      }
      return all
    },
    cancel: async (runId, signal = never) => {
      const run = await knownRun(tools, runId)
      if ((await store.cancel(runId, Date.now())) === 'cancelled') {
        const { all } = await store.sliceIds(run)
        await jobs.removeAll(runId, all, letGoMs, signal)
        await store.expire(run, keptMs)
      }
      return statusOf(tools, await knownRun(tools, runId))
    },
    retry: (runId, signal = never) => retryRun(tools, runId, signal),
    close: () => connection.close(),
  }
}
