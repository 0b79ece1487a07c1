import { formatInstant } from '../../trail/time.ts'

/** Returns `until 2026-11-01T12:00:00Z (in 59 min)`. */
export function lifeText(expiresAtMs: number, nowMs: number): string {
  return `until ${formatInstant(expiresAtMs)} (in ${agoText(expiresAtMs - nowMs)})`
}

/** Returns a duration in one unit: `45 s`, `12 min`, `5 h`, `3 days`. */
export function agoText(lengthMs: number): string {
  const seconds = Math.max(0, Math.round(lengthMs / 1000))
  if (seconds < 90) return `${seconds} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}
