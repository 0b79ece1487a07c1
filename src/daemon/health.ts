export interface PullPulse {
  /** When the run under way last did anything. Undefined between runs. */
  readonly lastSignMs: number | undefined
  readonly failuresInARow: number
  readonly lastFailure: string | undefined
}

const longestSilenceMs = 30 * 60_000
const failuresTooMany = 3

/**
 * What is wrong, as one line; undefined where nothing is. Times are of any one clock.
 *
 * | the process | `/livez`, watchdog | `/healthz` |
 * | --- | --- | --- |
 * | waits, or pulls and did something in the last 30 minutes | fine | fine |
 * | the same, and three runs or more in a row have failed | fine | wrong |
 * | pulls, and did nothing for 30 minutes | wrong | wrong |
 */
export function healthProblem(pulse: PullPulse, nowMs: number): string | undefined {
  const stuck = stuckProblem(pulse, nowMs)
  if (stuck !== undefined) return stuck
  if (pulse.failuresInARow < failuresTooMany) return undefined
  return `${pulse.failuresInARow} pulls in a row failed, the last with ${pulse.lastFailure ?? 'an unknown error'}`
}

/** The same for what a restart may help against. */
export function stuckProblem({ lastSignMs }: PullPulse, nowMs: number): string | undefined {
  if (lastSignMs === undefined || nowMs - lastSignMs <= longestSilenceMs) return undefined
  return `the pull under way has done nothing for ${Math.floor((nowMs - lastSignMs) / 60_000)} minutes`
}
