import { hourMs } from '../../trail/calendar.ts'
import type { VerifyFinding } from './finding.ts'

/** `[startMs, endMs)`. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** A time for which no proven digest of a chain tells which logs there were. */
export interface DarkSpan extends Span {
  /** True if the digest is not due yet. */
  readonly isPending: boolean
  /** Findings outside the window. They matter only if they leave a log of the window unproven. */
  readonly findings: readonly VerifyFinding[]
}

/** The hours between two instants, counted from the end, because the times of the later digest are known. A rest up to `slackMs` is none. */
export function periodsBetween(fromMs: number, toMs: number, slackMs: number): Span[] {
  const periods: Span[] = []
  for (let endMs = toMs; endMs - fromMs > slackMs; endMs -= hourMs) periods.push({ startMs: endMs - hourMs, endMs })
  return periods.toReversed()
}
