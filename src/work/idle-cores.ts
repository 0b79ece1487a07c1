import { cpus, type CpuInfo } from 'node:os'

const sampleMs = 300

/** How many cores of this machine had nothing to do lately, whoever uses the others. */
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
   * The fewest of the last two spans of 0.3 seconds: a core that was idle for a moment may be busy in the next one. A part of a core counts as
   * such. Undefined until both spans have been looked at, and Infinity if the system does not tell.
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
