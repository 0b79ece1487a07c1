import { dayMs, minuteMs } from '../../trail/calendar.ts'

/** How often a stream delivers, by S3's clock. */
export interface Rhythm {
  readonly newestMs?: number | undefined
  /** The longest time between two objects. Its weight halves every week. */
  readonly longestGapMs: number
}

export const noRhythm: Rhythm = { longestGapMs: 0 }

const halfLifeMs = 7 * dayMs

export function rhythmAfter(rhythm: Rhythm, lastModifiedMs: readonly number[]): Rhythm {
  let { newestMs, longestGapMs } = rhythm
  for (const instantMs of lastModifiedMs.toSorted((a, b) => a - b)) {
    if (newestMs !== undefined && instantMs <= newestMs) continue
    const gapMs = newestMs === undefined ? 0 : instantMs - newestMs
    longestGapMs = Math.max(longestGapMs * 0.5 ** (gapMs / halfLifeMs), gapMs)
    newestMs = instantMs
  }
  return { newestMs, longestGapMs: Math.round(longestGapMs) }
}

/** Returns the rhythm from before objects with dates in the future. The longest gap may end at such a date, so it is cut to one half-life. */
export function rhythmBefore({ newestMs, longestGapMs }: Rhythm, presentMs: number): Rhythm {
  if (newestMs === undefined || newestMs <= presentMs) return { newestMs, longestGapMs }
  const beforeMs = newestMs - longestGapMs
  return {
    newestMs: beforeMs < presentMs ? beforeMs : undefined,
    longestGapMs: Math.min(longestGapMs, halfLifeMs),
  }
}

/** With fewer objects, the rhythm is not known. */
const habitObjects = 12
const patience = 3
const leastSilenceMs = 30 * minuteMs

/** Returns whether a stream has stopped: nothing for three times its longest gap and half an hour more. With few objects it is not known. */
export function isSilent({ newestMs, longestGapMs }: Rhythm, objects: number, nowMs: number): boolean {
  if (newestMs === undefined || objects < habitObjects) return false
  return nowMs - newestMs > leastSilenceMs + patience * longestGapMs
}

/**
 * Returns whether a stream delivered nothing for longer than `maxLagMs`, although it never had so long a gap: few regions are busy at all hours.
 * A newer digest of the same log account and region shows that nothing is late, because digests come every hour even if nothing happened.
 */
export function isLagging(
  { newestMs, longestGapMs }: Rhythm,
  objects: number,
  of: { readonly nowMs: number; readonly maxLagMs: number; readonly newestDigestMs?: number | undefined },
): boolean {
  if (newestMs === undefined || objects < habitObjects || longestGapMs > of.maxLagMs) return false
  return of.nowMs - Math.max(newestMs, of.newestDigestMs ?? 0) > of.maxLagMs
}
