import { formatInstant } from '../../trail/time.ts'

/** `2026-11-30T14:01:31Z to 2026-11-30T15:01:31Z`. */
export function instantSpan(startMs: number, endMs: number): string {
  return `${formatInstant(startMs)} to ${formatInstant(endMs)}`
}
