/** So rare that it says something: as many refusals in a row. */
const rareRow = 1e-6
const shortestRow = 4
/** Calls that were under way, and those of the same second, stand still for the same reason. */
const sameMs = 700
/** A server with a limit stops no calls again so soon after fewer are made. */
const reliefMs = 3_200
const mostInVain = 4
/** Then it is believed for so long that standstills come anyway. */
const ignoredMs = 16_000

/** What a refused call says: they begin to stand still, after a while or soon again; they still do; or this happens anyway. */
export type Stop = 'stopped' | 'stopped-again' | 'still-stopped' | 'in-vain'

/**
 * Notices when a server refuses everything for a while, as one does that has had its number of calls for this second. If calls stand still again
 * and again soon after fewer are made, their number is not the reason.
 */
export class Standstill {
  #inARow = 0
  #isStopped = false
  #stoppedMs = -Infinity
  #timesInVain = 0
  #ignoredUntilMs = -Infinity

  /** How many were refused since the last answer. */
  get inARow(): number {
    return this.#inARow
  }

  /** Calls have ended. `usual` answers the share of calls that is refused otherwise. Undefined: this may be chance. */
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
