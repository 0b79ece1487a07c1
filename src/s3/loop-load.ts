import { performance } from 'node:perf_hooks'

/** Several round trips: answers arrive in waves, and a sample between two waves would find the thread idle. */
const sampleMs = 120
const full = 0.9

/** Measures how busy this thread's event loop is, several times per second. */
export class LoopLoad {
  #last = performance.eventLoopUtilization()
  #lastMs = performance.now()
  #utilization = 1
  #worth = 0

  /** Returns whether the event loop had no idle time. True until the first sample. */
  isFull(): boolean {
    this.#sample()
    return this.#utilization >= full
  }

  /** Returns how many such tasks the thread has time for if it runs `count` now: twice as many at half load. 0 until the first sample. */
  worthWith(count: number): number {
    if (this.#sample()) this.#worth = Math.ceil((count * full) / Math.max(0.01, this.#utilization))
    return this.#worth
  }

  /** Returns whether there is a new sample. */
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
