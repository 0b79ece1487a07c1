export interface PullPulse {
  /** When the current run last made progress. Undefined between runs. */
  readonly lastSignMs: number | undefined
  readonly failuresInARow: number
  readonly lastFailure: string | undefined
}

const longestSilenceMs = 30 * 60_000
const failuresTooMany = 3

/**
 * Returns what is wrong, as one line; undefined if nothing is. All times are of the same clock.
 *
 * | the process | `/livez`, watchdog | `/healthz` |
 * | --- | --- | --- |
 * | waits, or pulls and made progress in the last 30 minutes | healthy | healthy |
 * | the same, and three runs or more in a row have failed | healthy | unhealthy |
 * | pulls, and made no progress for 30 minutes | unhealthy | unhealthy |
 */
export function healthProblem(pulse: PullPulse, nowMs: number): string | undefined {
  const stuck = stuckProblem(pulse, nowMs)
  if (stuck !== undefined) return stuck
  if (pulse.failuresInARow < failuresTooMany) return undefined
  return `${pulse.failuresInARow} pulls in a row failed, the last with ${pulse.lastFailure ?? 'an unknown error'}`
}

/** The same for a problem that a restart may solve. */
export function stuckProblem({ lastSignMs }: PullPulse, nowMs: number): string | undefined {
  if (lastSignMs === undefined || nowMs - lastSignMs <= longestSilenceMs) return undefined
  return `the current pull has made no progress for ${Math.floor((nowMs - lastSignMs) / 60_000)} minutes`
}
