/** How long ago a worker last did something, in milliseconds. */
export interface WorkerPulse {
  /** Since Redis last answered. */
  readonly silentMs: number
  /** Since an object or a slice ended, while slices are in work. */
  readonly idleMs: number
}

const longestSilenceMs = 60_000
const longestIdleMs = 30 * 60_000

/**
 * Returns what is wrong, as one line; undefined if nothing is.
 *
 * | the worker | `/livez` | `/healthz` |
 * | --- | --- | --- |
 * | waits, or its slices made progress in the last 30 minutes | healthy | healthy |
 * | the same, and Redis has not answered for a minute. A restart would not help | healthy | unhealthy |
 * | has slices in work that made no progress for 30 minutes | unhealthy | unhealthy |
 */
export function workerProblem(pulse: WorkerPulse): string | undefined {
  const stuck = stuckWorker(pulse)
  if (stuck !== undefined || pulse.silentMs <= longestSilenceMs) return stuck
  return `Redis has not answered for ${Math.floor(pulse.silentMs / 1000)} seconds`
}

/** The same for a problem that a restart may solve. */
export function stuckWorker({ silentMs, idleMs }: WorkerPulse): string | undefined {
  // Without an answer of Redis nothing was counted.
  if (idleMs - silentMs <= longestIdleMs) return undefined
  return `the slices in work have made no progress for ${Math.floor(idleMs / 60_000)} minutes`
}
