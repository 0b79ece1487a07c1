import type { QueueCounts } from '../../fleet/queue/slice-jobs.ts'
import type { WorkerCounts, WorkerEvent } from '../../fleet/worker/worker-report.ts'
import { RecentRate } from '../recent-rate.ts'
import type { WorkerPulse } from '../worker-health.ts'

export interface WorkerNumbers {
  /** Undefined until Redis has answered once. */
  readonly queue: QueueCounts | undefined
  readonly worker: WorkerCounts
  readonly objectsPerSecond: number
}

const none: WorkerCounts = { active: 0, slices: 0, bad: 0, handedBack: 0, objects: 0, bytes: 0 }

/** Keeps what a worker last told of itself and of the queue. */
export class WorkerMeter {
  readonly #clock: () => number
  readonly #rate = new RecentRate()
  #queue: QueueCounts | undefined
  #worker = none
  #answeredMs: number
  #progressMs: number

  /** The clock is monotonic, in milliseconds. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock
    this.#answeredMs = clock()
    this.#progressMs = clock()
  }

  take(event: WorkerEvent): void {
    if (event.type !== 'counts') return
    const nowMs = this.#clock()
    const { worker: last } = this.numbers()
    this.#answeredMs = nowMs
    if (event.worker.active === 0 || event.worker.objects !== last.objects || event.worker.slices !== last.slices) {
      this.#progressMs = nowMs
    }
    this.#queue = event.queue
    this.#worker = event.worker
    this.#rate.add(event.worker.objects, nowMs)
  }

  numbers(): WorkerNumbers {
    return { queue: this.#queue, worker: this.#worker, objectsPerSecond: this.#rate.perSecond() ?? 0 }
  }

  pulse(): WorkerPulse {
    const nowMs = this.#clock()
    return { silentMs: nowMs - this.#answeredMs, idleMs: nowMs - this.#progressMs }
  }
}
