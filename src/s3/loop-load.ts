import { performance } from 'node:perf_hooks'

/** Several round trips: answers come in waves, and a look between two waves would find the thread idle. */
const sampleMs = 120
const full = 0.9

/** How busy this thread's event loop was lately, looked at several times a second. */
export class LoopLoad {
  #last = performance.eventLoopUtilization()
  #lastMs = performance.now()
  #utilization = 1
  #worth = 0

  /** Whether it had no time to spare. True until it has been looked at for a while. */
  isFull(): boolean {
    this.#sample()
    return this.#utilization >= full
  }

  /**
   * How many tasks of this kind the thread has time for, if it has `count` of them now: twice as many if half of its time is taken. 0 until it
   * has been looked at for a while.
   */
  worthWith(count: number): number {
    if (this.#sample()) this.#worth = Math.ceil((count * full) / Math.max(0.01, this.#utilization))
    return this.#worth
  }

  /** Whether there is something new to know. */
  #sample(): boolean {
    const nowMs = performance.now()
    if (nowMs - this.#lastMs < sampleMs) return false
    const current = performance.eventLoopUtilization()
    this.#utilization = performance.eventLoopUtilization(current, this.#last).utilization
    this.#last = current
    this.#lastMs = nowMs
    return true
  }
}
