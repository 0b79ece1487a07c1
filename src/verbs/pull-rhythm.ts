import { minuteMs } from '../trail/calendar.ts'

/** How a stream is used to deliver, by S3's clock. */
export interface Rhythm {
  readonly newestMs?: number | undefined
  /** The longest wait for the next object, older ones counting a little less with each delivery. */
  readonly longestGapMs: number
}

export const noRhythm: Rhythm = { longestGapMs: 0 }

const fading = 0.999

/** The rhythm after more objects, in any order. */
export function rhythmAfter(rhythm: Rhythm, lastModifiedMs: readonly number[]): Rhythm {
  let { newestMs, longestGapMs } = rhythm
  for (const instantMs of lastModifiedMs.toSorted((a, b) => a - b)) {
    if (newestMs !== undefined && instantMs <= newestMs) continue
    longestGapMs = Math.max(longestGapMs * fading, newestMs === undefined ? 0 : instantMs - newestMs)
    newestMs = instantMs
  }
  return { newestMs, longestGapMs: Math.round(longestGapMs) }
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
