import { CrosstrailError } from '../../error.ts'
import { maskedText } from '../../secrets/masked-text.ts'
import type { FleetSlice, SliceResult } from '../format.ts'
import type { BullModule, QueueJob } from '../queue/bullmq.ts'
import { endRun, unrun } from '../queue/fill-run.ts'
import type { FleetTools } from '../queue/fleet-tools.ts'
import { isBad, type SliceEnd } from '../queue/report.ts'
import { keptMs, type StoredRun } from '../queue/run-store.ts'
import { attempts } from '../queue/slice-jobs.ts'
import type { WorkerBeat } from '../queue/worker-list.ts'
import { readJob } from './read-job.ts'
import { folderRefusalOf, type Refusal, refusalOf } from './refusal.ts'
import type { SliceExecutor } from './slice-executor.ts'
import type { WorkerCounts, WorkerListener } from './worker-report.ts'

export interface TakeOptions extends Pick<BullModule, 'DelayedError' | 'WaitingError'> {
  readonly tools: FleetTools
  readonly executor: SliceExecutor
  readonly worker: string
  readonly allowTo: readonly string[]
  readonly listener: WorkerListener
}

interface ActiveSlice {
  readonly runId: string
  readonly stop: AbortController
  objects: number
  bytes: number
}

/** A worker that can take the slice should get it before this one sees it again. */
const refusedForMs = 2_000
const mostRefused = 10_000

/** Takes the jobs of one worker: decides, runs, and stores results before jobs complete. */
export class SliceTaker {
  readonly #options: TakeOptions
  readonly #active = new Map<string, ActiveSlice>()
  /** Jobs that this worker must not run. */
  readonly #refused = new Set<string>()
  #isStopping = false
  #slices = 0
  #bad = 0
  #handedBack = 0
  #objects = 0
  #bytes = 0
  #idle: (() => void) | undefined

  constructor(options: TakeOptions) {
    this.#options = options
  }

  get isIdle(): boolean {
    return this.#active.size === 0
  }

  counts(): WorkerCounts {
    const active = [...this.#active.values()]
    return {
      active: active.length,
      slices: this.#slices,
      bad: this.#bad,
      handedBack: this.#handedBack,
      objects: active.reduce((sum, { objects }) => sum + objects, this.#objects),
      bytes: active.reduce((sum, { bytes }) => sum + bytes, this.#bytes),
    }
  }

  beat(): WorkerBeat {
    const runs: Record<string, { slices: number; objects: number; bytes: number }> = {}
    for (const { runId, objects, bytes } of this.#active.values()) {
      const run = (runs[runId] ??= { slices: 0, objects: 0, bytes: 0 })
      run.slices++
      run.objects += objects
      run.bytes += bytes
    }
    return { worker: this.#options.worker, runs }
  }

  /** Runs the slice of a job. What it throws decides where BullMQ puts the job next. */
  async take(job: QueueJob, token: string): Promise<void> {
    const { store } = this.#options.tools
    const data = readJob(job.data)
    if (data === undefined) return forget(job)
    const run = await store.read(data.runId)
    if (run === undefined || run.state === 'finished' || run.state === 'cancelled') return forget(job)
    if ('otherFormat' in data) {
      const message = `it has another version of crosstrail than the submitter: its format of slices is not ${data.otherFormat}`
      return this.#refuse(job, token, run, undefined, { code: 'fleet.other-format', message })
    }
    const { slice } = data
    if (await store.hasResult(run, slice.id)) return
    const { executor, allowTo } = this.#options
    const refusal =
      refusalOf(run.request, slice, { places: executor.places, allowTo }) ?? folderRefusalOf(run.request, data.runId)
    if (refusal !== undefined) return this.#refuse(job, token, run, slice, refusal)
    if (this.#isStopping) return this.#handBackNow(job, token)
    await this.#run(job, token, run, slice)
  }

  /** Stores the failure of a job that BullMQ itself gave up, because too many workers died with it. */
  async failed(job: QueueJob | undefined, error: Error): Promise<void> {
    const data = job === undefined ? undefined : readJob(job.data)
    if (data === undefined || 'otherFormat' in data || job?.finishedOn === undefined) return
    const { tools, worker } = this.#options
    const run = await tools.store.read(data.runId)
    if (run === undefined) return
    const end = unrun(worker, 'fleet.slice-failed', maskedText(error.message))
    await this.#store(run, data.slice, end)
  }

  /** Stops the slices of runs that were cancelled. */
  async stopCancelled(): Promise<void> {
    for (const runId of new Set([...this.#active.values()].map((each) => each.runId))) {
      const state = await this.#options.tools.store.stateOf(runId)
      if (state !== undefined && state.state !== 'cancelled') continue
      for (const active of this.#active.values()) if (active.runId === runId) active.stop.abort()
    }
  }

  /** Takes no more, and resolves when the slices in work were handed back. */
  async handBackAll(): Promise<void> {
    this.#isStopping = true
    for (const { stop } of this.#active.values()) stop.abort()
    if (this.#active.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
  }

  /** Whether this worker must not run any of the jobs that wait for a later time. */
  async refusesAllDelayed(): Promise<boolean> {
    const ids = await this.#options.tools.jobs.delayedIds()
    return ids.every((id) => this.#refused.has(id))
  }

  async #run(job: QueueJob, token: string, run: StoredRun, slice: FleetSlice): Promise<void> {
    const { listener, executor } = this.#options
    const { runId } = run
    const id = job.id ?? slice.id
    const active: ActiveSlice = { runId, stop: new AbortController(), objects: 0, bytes: 0 }
    const startedAt = performance.now()
    this.#active.set(id, active)
    listener({ type: 'slice-started', runId, slice })
    try {
      const result = await executor.run(runId, run.request, slice, active.stop.signal, (objects, bytes) => {
        active.objects = objects
        active.bytes = bytes
      })
      await this.#ended(job, token, run, slice, result)
    } catch (error) {
      if (this.#isMove(error)) throw error
      if (this.#options.tools.connection.lost.aborted) throw plain(error)
      // A slice that broke the thread counts as tried, so that it does not break worker after worker.
      const isStopped = active.stop.signal.aborted && !executor.broken.aborted
      if (isStopped) return await this.#interrupted(job, token, run, slice, undefined)
      await this.#threw(job, run, slice, error, (performance.now() - startedAt) / 1000)
    } finally {
      this.#active.delete(id)
      this.#objects += active.objects
      this.#bytes += active.bytes
      if (this.#active.size === 0) this.#idle?.()
    }
  }

  async #ended(job: QueueJob, token: string, run: StoredRun, slice: FleetSlice, result: SliceResult): Promise<void> {
    if (result.interrupted) return this.#interrupted(job, token, run, slice, result)
    const codes = Object.values(result.stopped)
    // An account that failed here may work on another machine, or later.
    if (codes.length > 0 && !isLast(job)) {
      const message = `an account could not be used: ${codes.join(', ')}`
      this.#tellHandedBack(run, slice, codes[0] ?? '', message)
      throw plain(new Error(message))
    }
    await this.#store(run, slice, result, job)
  }

  /** Hands the slice back, or if its run was cancelled keeps what was done of it. */
  async #interrupted(
    job: QueueJob,
    token: string,
    run: StoredRun,
    slice: FleetSlice,
    result: SliceResult | undefined,
  ): Promise<void> {
    const state = await this.#options.tools.store.stateOf(run.runId)
    if (state?.round === run.round && state.state !== 'cancelled') {
      this.#tellHandedBack(run, slice, 'interrupted', 'this worker stops')
      return this.#handBackNow(job, token)
    }
    if (result !== undefined) await this.#store(run, slice, result, job)
    forget(job)
  }

  async #threw(job: QueueJob, run: StoredRun, slice: FleetSlice, error: unknown, seconds: number): Promise<void> {
    const code = error instanceof CrosstrailError ? error.code : 'fleet.slice-failed'
    const message = maskedText(error instanceof Error ? error.message : String(error))
    if (isLast(job)) await this.#store(run, slice, unrun(this.#options.worker, code, message, seconds), job)
    else this.#tellHandedBack(run, slice, code, message)
    throw plain(new Error(message))
  }

  async #store(run: StoredRun, slice: FleetSlice, end: SliceEnd, job?: QueueJob): Promise<void> {
    const { tools, listener } = this.#options
    const stored = await tools.store.addResult(run, slice.id, end, Date.now())
    if ((stored === 'gone' || stored === 'finished') && job !== undefined) forget(job)
    // Nobody may be watching.
    if (stored === 'finished') await endRun(tools, run, keptMs)
    if (stored === 'gone' || stored === 'present') return
    this.#slices++
    if (isBad(end)) this.#bad++
    listener({ type: 'slice-ended', runId: run.runId, slice, end })
  }

  /** Lets others have the slice for a while, and notes why in the run. */
  async #refuse(
    job: QueueJob,
    token: string,
    run: StoredRun,
    slice: FleetSlice | undefined,
    { code, message }: Refusal,
  ): Promise<never> {
    const { tools, worker, DelayedError } = this.#options
    if (job.id !== undefined) {
      if (this.#refused.size >= mostRefused) this.#refused.clear()
      this.#refused.add(job.id)
    }
    await tools.store.addNote(run, { worker, code, message })
    if (slice !== undefined) this.#tellHandedBack(run, slice, code, message)
    else this.#handedBack++
    await job.moveToDelayed(Date.now() + refusedForMs * (0.5 + Math.random()), token)
    throw new DelayedError(code)
  }

  async #handBackNow(job: QueueJob, token: string): Promise<never> {
    await job.moveToWait(token)
    throw new this.#options.WaitingError('handed back')
  }

  #tellHandedBack({ runId }: StoredRun, slice: FleetSlice, code: string, message: string): void {
    this.#handedBack++
    this.#options.listener({ type: 'slice-handed-back', runId, slice, code, message })
  }

  #isMove(error: unknown): boolean {
    const { DelayedError, WaitingError } = this.#options
    return error instanceof DelayedError || error instanceof WaitingError || error instanceof Retried
  }
}

/** An error that BullMQ stores with the job. It has no stack and no cause. */
class Retried extends Error {}

function plain(error: unknown): Retried {
  const message = maskedText(error instanceof Error ? error.message : String(error))
  const retried = new Retried(message)
  retried.stack = message
  return retried
}

function isLast(job: QueueJob): boolean {
  return job.attemptsMade + 1 >= attempts
}

/** Lets BullMQ remove the job when it ends, because its run has ended. */
function forget(job: QueueJob): void {
  job.opts.removeOnComplete = true
  job.opts.removeOnFail = true
}
