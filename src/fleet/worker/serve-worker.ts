import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { maskedText } from '../../secrets/masked-text.ts'
import { loadBull } from '../queue/bullmq.ts'
import type { Fleet } from '../queue/fleet.ts'
import { prefix, queueName } from '../queue/keys.ts'
import type { QueueCounts } from '../queue/slice-jobs.ts'
import { slicesToHold } from './slices-to-hold.ts'
import { SliceTaker, type TakeOptions } from './slice-taker.ts'
import type { SliceExecutor } from './slice-executor.ts'
import type { WorkerAppOptions } from './slice-messages.ts'
import { startSliceThread } from './start-slice-thread.ts'
import type { WorkerListener, WorkerReport } from './worker-report.ts'

export interface WorkerOptions {
  readonly fleet: Fleet
  /** How this worker opens its own config. */
  readonly appOptions: WorkerAppOptions
  /** How many slices it has in work at a time. */
  readonly slicesAtATime: number
  /** True: ends when no slice waits that it can take, and none is in work anywhere. */
  readonly drain: boolean
  /** Folders and `s3://…` prefixes below which it writes. Empty: everywhere. */
  readonly allowTo: readonly string[]
  /** How many S3 calls all workers of this Redis may make per second. Each gets an equal share. Undefined: no limit. */
  readonly maxRate?: number | undefined
  /** The folder of its journals. Default: as for `copy`. */
  readonly journalDir: string | undefined
  readonly listener: WorkerListener
  /** If aborted, it takes no more slices, and hands back those in work when their objects in flight have ended. */
  readonly signal: AbortSignal
  /** Default: a thread with the app. */
  readonly openExecutor?: ((worker: string) => Promise<SliceExecutor>) | undefined
}

/** A lock is renewed each half of its time. Slices of a killed worker are taken over when their locks have ended, within 20 seconds. */
const lockMs = 10_000
const stalledCheckMs = 5_000
/** Only workers that die count, and in a large fleet many may. */
const mostDeaths = 50
const tickMs = 1_000
const countsEvery = 5

/**
 * Takes slices until it is stopped, or with `drain` until nothing is left. Rejects with `config.…`, with `fleet.…` if Redis stays away, and with
 * the error that broke the thread of slices.
 */
export async function serveWorker(options: WorkerOptions): Promise<WorkerReport> {
  const { fleet, appOptions, slicesAtATime, drain, allowTo, journalDir, listener, signal, maxRate } = options
  const { connection, jobs, workers } = fleet.tools
  const startedAt = performance.now()
  const worker = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`
  const start =
    options.openExecutor ??
    ((name) => startSliceThread({ worker: name, journalDir, appOptions, limitsCalls: maxRate !== undefined }, listener))
  const { Worker, DelayedError, WaitingError } = await loadBull()
  const executor = await start(worker)
  const take: TakeOptions = { tools: fleet.tools, executor, worker, allowTo, listener, DelayedError, WaitingError }
  const taker = new SliceTaker(take)
  const queueWorker = new Worker(queueName, (job, token = '') => taker.take(job, token), {
    connection: connection.redis,
    prefix,
    name: worker,
    concurrency: slicesToHold({ waiting: 0, workers: 1, most: slicesAtATime, loadOfSlice: undefined }),
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    maxStalledCount: mostDeaths,
    drainDelay: 2,
    runRetryDelay: tickMs,
  })
  queueWorker.on('error', (error) => {
    connection.sawError(error)
    const note = noteOf(error)
    if (note !== undefined) listener({ type: 'note', ...note })
  })
  queueWorker.on('failed', (job, error) => {
    taker.failed(job, error).catch((failure: unknown) => connection.sawError(failure))
  })
  let workerCount = Infinity
  const hold = async (): Promise<QueueCounts> => {
    const queue = await jobs.counts()
    const { loadOfSlice } = executor
    const holding = { waiting: queue.waiting, workers: workerCount, most: slicesAtATime, loadOfSlice }
    queueWorker.concurrency = slicesToHold(holding)
    return queue
  }
  // Between two ticks, small slices could empty the queue.
  queueWorker.on('completed', () => {
    hold().catch((failure: unknown) => connection.sawError(failure))
  })
  const ends = AbortSignal.any([signal, connection.lost, executor.broken])
  try {
    for (let tick = 0; ; tick++) {
      if (signal.aborted) break
      connection.lost.throwIfAborted()
      executor.broken.throwIfAborted()
      await workers.beat(taker.beat())
      // Workers come and go, so the share changes.
      workerCount = Math.max(1, (await workers.all()).length)
      if (maxRate !== undefined) executor.limitCalls?.(maxRate / workerCount)
      await taker.stopCancelled()
      const queue = await hold()
      if (tick % countsEvery === 0) listener({ type: 'counts', queue, worker: taker.counts() })
      if (drain && queue.waiting === 0 && queue.active === 0 && taker.isIdle && (await taker.refusesAllDelayed())) break
      await wait(tickMs, undefined, { signal: ends }).catch(() => undefined)
    }
  } finally {
    await queueWorker.pause(true)
    await taker.handBackAll()
    await queueWorker.close(connection.lost.aborted)
    await executor.close()
    if (!connection.lost.aborted) await workers.leave(worker)
  }
  return { worker, ...taker.counts(), seconds: (performance.now() - startedAt) / 1000 }
}

/** What to say about an error of the queue. The connection itself reports that it is broken. */
function noteOf(error: Error): { level: 'info' | 'warning'; code: string; message: string } | undefined {
  const code = 'code' in error ? error.code : undefined
  if (typeof code === 'string' || /^(?:Connection is closed|Socket timeout)/.test(error.message)) return undefined
  // BullMQ gives numbers to jobs that are not where a worker left them.
  if (typeof code === 'number' || /renew lock/.test(error.message)) {
    return { level: 'info', code: 'fleet.lock-lost', message: lockLost }
  }
  return { level: 'warning', code: 'fleet.queue', message: `the queue reports: ${maskedText(error.message)}` }
}

const lockLost =
  'another worker may have taken a slice of this one, because Redis was away for too long; both can finish it'
