/** A half-open interval of time `[fromMs, toMs)`, UTC, in milliseconds since the epoch. A missing side is open. */
export interface Window {
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

export function windowHolds(window: Window, instantMs: number): boolean {
  return (
    (window.fromMs === undefined || instantMs >= window.fromMs) &&
    (window.toMs === undefined || instantMs < window.toMs)
  )
}
