import { performance } from 'node:perf_hooks'

const full = 0.9

/** How busy this thread's event loop was lately, looked at over samples of so many milliseconds. */
export class LoopLoad {
  readonly #sampleMs: number
  #last = performance.eventLoopUtilization()
  #lastMs = performance.now()
  #isFull = true

  constructor(sampleMs = 25) {
    this.#sampleMs = sampleMs
  }

  /** Whether it had no time to spare. True until it has been looked at for a while. */
  isFull(): boolean {
    const nowMs = performance.now()
    if (nowMs - this.#lastMs >= this.#sampleMs) {
      const current = performance.eventLoopUtilization()
      this.#isFull = performance.eventLoopUtilization(current, this.#last).utilization >= full
      this.#last = current
      this.#lastMs = nowMs
    }
    return this.#isFull
  }
}
