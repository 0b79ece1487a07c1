/** The longest that failures push the next run away, unless runs are further apart anyway. */
const longestBackoffMs = 15 * 60_000
const longestJitterMs = 30_000

export interface Schedule {
  /** When the first run started. */
  readonly anchorMs: number
  readonly everyMs: number
}

/**
 * When the run after one that ended at `nowMs` starts: always at the anchor plus a multiple of `everyMs`, so that nothing adds up over days.
 *
 * | the runs before | next start |
 * | --- | --- |
 * | went well | the first slot after now; slots that a long run has covered are left out, not made up for |
 * | failed n times in a row | the first slot after `everyMs × 2ⁿ − everyMs` from now, counted up to 15 minutes |
 *
 * Times are of any one clock; one that is never set, for a schedule that a set clock must not disturb.
 */
export function nextStart({ anchorMs, everyMs }: Schedule, nowMs: number, failuresInARow: number): number {
  const earliestMs = nowMs + backoffMs(everyMs, failuresInARow) - everyMs
  const slot = Math.floor((earliestMs - anchorMs) / everyMs) + 1
  return anchorMs + slot * everyMs
}

/** How long after its slot a run starts: a tenth of the interval at most, and half a minute. `random` lies in [0, 1). */
export function jitterMs(everyMs: number, random: number): number {
  return Math.floor(random * Math.min(everyMs / 10, longestJitterMs))
}

function backoffMs(everyMs: number, failuresInARow: number): number {
  return Math.min(everyMs * 2 ** failuresInARow, Math.max(everyMs, longestBackoffMs))
}
