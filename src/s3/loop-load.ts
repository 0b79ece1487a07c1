import { performance } from 'node:perf_hooks'

const sampleMs = 25
const full = 0.9

/** How busy this thread's event loop was lately, looked at a few dozen times a second. */
export class LoopLoad {
  #last = performance.eventLoopUtilization()
  #lastMs = performance.now()
  #isFull = true

  /** Whether it had no time to spare. True until it has been looked at for a while. */
  isFull(): boolean {
    const nowMs = performance.now()
    if (nowMs - this.#lastMs >= sampleMs) {
      const current = performance.eventLoopUtilization()
      this.#isFull = performance.eventLoopUtilization(current, this.#last).utilization >= full
      this.#last = current
      this.#lastMs = nowMs
    }
    return this.#isFull
  }
}
