import { CrosstrailError } from '../error.ts'
import { parseDuration } from '../trail/time.ts'

/** Parses a configured duration, in seconds: 3600, `3600`, `1h` or `900s`. Undefined for anything else. */
export function durationSeconds(duration: unknown): number | undefined {
  if (typeof duration === 'number') return duration
  if (typeof duration !== 'string') return undefined
  if (/^\d{1,9}$/.test(duration)) return Number(duration)
  try {
    return parseDuration(duration) / 1000
  } catch (error) {
    if (error instanceof CrosstrailError) return undefined
    throw error
  }
}
