export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** Throws if there are no values, because nothing was measured. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const [least] = sorted
  const most = sorted.at(-1)
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  const upper = sorted[Math.floor(sorted.length / 2)]
  if (least === undefined || most === undefined || lower === undefined || upper === undefined) {
    throw new Error('nothing was measured')
  }
  return { median: (lower + upper) / 2, least, most }
}

/** `1.42 (1.38–1.60)`; only the median if there is no spread. */
export function showSpread({ median, least, most }: Spread, digits: number): string {
  const [middle, low, high] = [median.toFixed(digits), least.toFixed(digits), most.toFixed(digits)]
  return low === high ? middle : `${middle} (${low}–${high})`
}

/** `0.42`, `3.1`, `12`. */
export function showMagnitude(value: number): string {
  return value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0)
}

/** In the largest unit of which there is at least one and a half. */
export function showDuration(seconds: number): string {
  const units = [
    { unit: 'days', length: 86_400 },
    { unit: 'h', length: 3_600 },
    { unit: 'min', length: 60 },
  ]
  const { unit, length } = units.find((one) => seconds >= 1.5 * one.length) ?? { unit: 's', length: 1 }
  return `${showMagnitude(seconds / length)} ${unit}`
}
