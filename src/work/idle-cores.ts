import { cpus, type CpuInfo } from 'node:os'

const sampleMs = 300

/** How many cores of this machine were idle recently, whichever process uses the others. */
export class IdleCores {
  readonly #read: () => readonly CpuInfo[]
  #last: { readonly idleMs: number; readonly totalMs: number } | undefined
  #lastMs = -Infinity
  #latest: number | undefined
  #idle: number | undefined

  constructor(read: () => readonly CpuInfo[] = cpus) {
    this.#read = read
  }

  /**
   * Returns the lower count of the last two samples of 0.3 seconds, because a core that was idle for a moment may be busy in the next one.
   * Fractions of a core count. Undefined until both samples were taken, and Infinity if the system does not say.
   */
  count(nowMs: number): number | undefined {
    if (nowMs - this.#lastMs < sampleMs) return this.#idle
    const all = this.#read()
    if (all.length === 0) return Infinity
    const idleMs = all.reduce((sum, { times }) => sum + times.idle, 0)
    const totalMs = all.reduce(
      (sum, { times }) => sum + times.idle + times.user + times.nice + times.sys + times.irq,
      0,
    )
    const last = this.#last
    this.#last = { idleMs, totalMs }
    this.#lastMs = nowMs
    if (last !== undefined && totalMs > last.totalMs) {
      const before = this.#latest
      this.#latest = ((idleMs - last.idleMs) / (totalMs - last.totalMs)) * all.length
      if (before !== undefined) this.#idle = Math.min(before, this.#latest)
    }
    return this.#idle
  }
}
