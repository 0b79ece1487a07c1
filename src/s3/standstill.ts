/** The probability below which a row of refusals is not chance. */
const rareRow = 1e-6
const shortestRow = 4
/** Pending calls, and calls of the same second, are refused for the same reason. */
const sameMs = 700
/** After the rate was lowered, a server with a limit refuses no row of calls again this soon. */
const reliefMs = 3_200
const mostInVain = 4
/** After that many, further standstills are attributed to another cause for this long. */
const ignoredMs = 16_000

/** The meaning of a refused call: a standstill begins, after a while or soon after another; it continues; or standstills happen at any rate. */
export type Stop = 'stopped' | 'stopped-again' | 'still-stopped' | 'in-vain'

/**
 * Notices when a server refuses everything for a while, for example because the number of calls for this second is used up. If this
 * happens repeatedly soon after the rate was lowered, the rate is not the reason.
 */
export class Standstill {
  #inARow = 0
  #isStopped = false
  #stoppedMs = -Infinity
  #timesInVain = 0
  #ignoredUntilMs = -Infinity

  /** The number of refusals since the last answer. */
  get inARow(): number {
    return this.#inARow
  }

  /** Counts calls that have ended. `usual` returns the usual share of refused calls. Returns undefined if this may be chance. */
  add(answered: number, refused: number, nowMs: number, usual: () => number): Stop | undefined {
    if (answered > 0) {
      this.#inARow = 0
      this.#isStopped = false
      return undefined
    }
    this.#inARow += refused
    if (this.#isStopped) return 'still-stopped'
    if (this.#inARow < shortestRow || this.#inARow < rowThatSays(usual())) return undefined
    this.#isStopped = true
    if (nowMs < this.#ignoredUntilMs) return 'still-stopped'
    const sinceMs = nowMs - this.#stoppedMs
    if (sinceMs < sameMs) return 'stopped-again'
    this.#stoppedMs = nowMs
    this.#timesInVain = sinceMs < reliefMs ? this.#timesInVain + 1 : 0
    if (this.#timesInVain === 0) return 'stopped'
    if (this.#timesInVain < mostInVain) return 'stopped-again'
    this.#ignoredUntilMs = nowMs + ignoredMs
    return 'in-vain'
  }
}

function rowThatSays(usual: number): number {
  return Math.log(rareRow) / Math.log(Math.min(0.8, Math.max(0.03, usual)))
}
