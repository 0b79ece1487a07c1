import { dayMs, minuteMs } from '../../trail/calendar.ts'

/** How a stream is used to deliver, by S3's clock. */
export interface Rhythm {
  readonly newestMs?: number | undefined
  /** The longest wait for the next object; one that is a week old counts half, whatever came since. */
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

/**
 * The rhythm as it was before objects that lie in the future. Of the longest wait, which led there, no more is kept than a stream forgets by
 * half in a week.
 */
export function rhythmBefore({ newestMs, longestGapMs }: Rhythm, presentMs: number): Rhythm {
  if (newestMs === undefined || newestMs <= presentMs) return { newestMs, longestGapMs }
  const beforeMs = newestMs - longestGapMs
  return {
    newestMs: beforeMs < presentMs ? beforeMs : undefined,
    longestGapMs: Math.min(longestGapMs, halfLifeMs),
  }
}

/** Fewer deliveries make no habit. */
const habitObjects = 12
const patience = 3
const leastSilenceMs = 30 * minuteMs

/**
 * Whether a stream that used to deliver has stopped: nothing for half an hour and three times its longest wait.
 * A stream with few objects so far was never used to.
 */
export function isSilent({ newestMs, longestGapMs }: Rhythm, objects: number, nowMs: number): boolean {
  if (newestMs === undefined || objects < habitObjects) return false
  return nowMs - newestMs > leastSilenceMs + patience * longestGapMs
}

/**
 * Whether a stream that always came sooner keeps away for longer than `maxLagMs`. Few regions are busy at all hours: one whose longest
 * wait was longer is no later than it may be. `newestDigestMs`: the youngest digest of the same log account and region, which is
 * delivered every hour, also where nothing happened, and so says that nothing is late.
 */
export function isLagging(
  { newestMs, longestGapMs }: Rhythm,
  objects: number,
  of: { readonly nowMs: number; readonly maxLagMs: number; readonly newestDigestMs?: number | undefined },
): boolean {
  if (newestMs === undefined || objects < habitObjects || longestGapMs > of.maxLagMs) return false
  return of.nowMs - Math.max(newestMs, of.newestDigestMs ?? 0) > of.maxLagMs
}
