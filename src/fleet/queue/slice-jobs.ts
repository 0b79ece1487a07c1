import { setTimeout as wait } from 'node:timers/promises'
import { CrosstrailError } from '../../error.ts'
import { type FleetSlice, jobFormat } from '../format.ts'
import { loadBull, type SliceQueue } from './bullmq.ts'
import type { FleetConnection } from './fleet-connection.ts'
import { groups } from './groups.ts'
import { jobIdOf, prefix, queueName } from './keys.ts'

/** What a worker gets for a slice. */
export interface SliceJob {
  readonly format: number
  readonly runId: string
  readonly slice: FleetSlice
}

/** How often a slice that fails is tried. */
export const attempts = 3

export interface QueueCounts {
  readonly waiting: number
  readonly active: number
  /** Handed back, or to be tried again later. */
  readonly delayed: number
  readonly failed: number
}

/** The queue of BullMQ, in which each slice of each run is a job. */
export class SliceJobs {
  readonly #connection: FleetConnection
  readonly #queue: SliceQueue

  static async open(connection: FleetConnection): Promise<SliceJobs> {
    const { Queue } = await loadBull()
    return new SliceJobs(connection, new Queue(queueName, { connection: connection.redis, prefix }))
  }

  private constructor(connection: FleetConnection, queue: SliceQueue) {
    this.#connection = connection
    this.#queue = queue
    queue.on('error', (error) => connection.sawError(error))
  }

  /** Adds jobs. Those that are there already stay as they are. */
  async add(runId: string, slices: readonly FleetSlice[]): Promise<void> {
    const jobs = slices.map((slice) => ({
      name: 'slice',
      data: { format: jobFormat, runId, slice } satisfies SliceJob,
      opts: {
        jobId: jobIdOf(runId, slice.id),
        attempts,
        backoff: { type: 'exponential', delay: 1000 },
        stackTraceLimit: 1,
      },
    }))
    await this.#ask(() => this.#queue.addBulk(jobs))
  }

  /** Removes the jobs of slices. Returns the slices that a worker has in work. */
  async remove(runId: string, sliceIds: readonly string[]): Promise<string[]> {
    const left: string[] = []
    for (const group of groups(sliceIds)) {
      const removed = await this.#ask(() =>
        Promise.all(group.map((id) => this.#queue.remove(jobIdOf(runId, id), { removeChildren: false }))),
      )
      left.push(...group.filter((_, index) => removed[index] !== 1))
    }
    return left
  }

  /** Removes the jobs of a run that has ended. Waits until workers have let go of the slices in work. */
  async removeAll(runId: string, sliceIds: readonly string[], limitMs: number, signal?: AbortSignal): Promise<void> {
    const endMs = performance.now() + limitMs
    for (let left = sliceIds; ;) {
      left = await this.remove(runId, left)
      if (left.length === 0 || signal?.aborted === true) return
      if (performance.now() > endMs) {
        throw new CrosstrailError(
          'usage.run-active',
          `workers still have ${left.length} slices of run ${runId} in work`,
          {
            hint: 'wait until they have ended, or stop these workers, and run the command again',
          },
        )
      }
      await wait(250)
    }
  }

  /** Returns the slices whose jobs are lost, and those whose jobs failed without a result. */
  async findStray(runId: string, sliceIds: readonly string[]): Promise<{ lost: string[]; failed: string[] }> {
    const [lost, failed]: [string[], string[]] = [[], []]
    for (const group of groups(sliceIds)) {
      const states = await this.#ask(() => Promise.all(group.map((id) => this.#queue.getJobState(jobIdOf(runId, id)))))
      lost.push(...group.filter((_, index) => states[index] === 'unknown' || states[index] === 'completed'))
      failed.push(...group.filter((_, index) => states[index] === 'failed'))
    }
    return { lost, failed }
  }

  async counts(): Promise<QueueCounts> {
    const found = await this.#ask(() => this.#queue.getJobCounts('waiting', 'active', 'delayed', 'failed'))
    const count = (name: string): number => found[name] ?? 0
    return {
      waiting: count('waiting'),
      active: count('active'),
      delayed: count('delayed'),
      failed: count('failed'),
    }
  }

  /** Returns the ids of delayed jobs: at most a thousand. */
  async delayedIds(): Promise<string[]> {
    const jobs = await this.#ask(() => this.#queue.getDelayed(0, 999))
    return jobs.flatMap(({ id }) => (id === undefined ? [] : [id]))
  }

  #ask<T>(act: () => Promise<T>): Promise<T> {
    return this.#connection.ask(act)
  }
}
