/** The longest wait because of failures, unless the interval is longer. */
const longestBackoffMs = 15 * 60_000
const longestJitterMs = 30_000

export interface Schedule {
  readonly anchorMs: number
  readonly everyMs: number
}

/**
 * Returns the start of the run after one that ended at `nowMs`: always the anchor plus a multiple of `everyMs`, so that there is no drift.
 *
 * | the runs before | next start |
 * | --- | --- |
 * | succeeded | the first slot after now; slots that passed during a long run are skipped |
 * | failed n times in a row | the first slot after `everyMs × 2ⁿ − everyMs` from now, counted up to 15 minutes |
 *
 * All times are of the same clock. Use a monotonic one, so that setting the system clock does not disturb the schedule.
 */
export function nextStart({ anchorMs, everyMs }: Schedule, nowMs: number, failuresInARow: number): number {
  const earliestMs = nowMs + backoffMs(everyMs, failuresInARow) - everyMs
  const slot = Math.floor((earliestMs - anchorMs) / everyMs) + 1
  return anchorMs + slot * everyMs
}

/** Returns the delay of a run after its slot: at most a tenth of the interval and at most half a minute. `random` is in [0, 1). */
export function jitterMs(everyMs: number, random: number): number {
  return Math.floor(random * Math.min(everyMs / 10, longestJitterMs))
}

function backoffMs(everyMs: number, failuresInARow: number): number {
  return Math.min(everyMs * 2 ** failuresInARow, Math.max(everyMs, longestBackoffMs))
}
