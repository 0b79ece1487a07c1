/** A half-open interval of time `[fromMs, toMs)`, UTC, in milliseconds since the epoch. A missing side is open. */
export interface Window {
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

/** Returns the time that is in both. A window without a side is open there. */
export function commonWindow(one: Window, other: Window): Window {
  return {
    fromMs: ofBoth(Math.max, one.fromMs, other.fromMs),
    toMs: ofBoth(Math.min, one.toMs, other.toMs),
  }
}

function ofBoth(choose: (a: number, b: number) => number, one: number | undefined, other: number | undefined) {
  return one === undefined || other === undefined ? (one ?? other) : choose(one, other)
}

export function windowHolds(window: Window, instantMs: number): boolean {
  return (
    (window.fromMs === undefined || instantMs >= window.fromMs) &&
    (window.toMs === undefined || instantMs < window.toMs)
  )
}
