/** Bytes for people: `0 B`, `999 B`, `5.7 kB`, `1.2 GB`. Decimal units. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 'B'
  for (const next of ['kB', 'MB', 'GB', 'TB', 'PB']) {
    // 999.5 would be shown as 1000
    if (value < 999.5) break
    value /= 1000
    unit = next
  }
  return `${unit === 'B' || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${unit}`
}

/** A count for people: `1,234,567`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A time span for people: `4.2 s`, `1:05`, `2:03:04`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  const tail = String(whole % 60).padStart(2, '0')
  return hours === 0 ? `${minutes}:${tail}` : `${hours}:${String(minutes).padStart(2, '0')}:${tail}`
}

/** Bytes per second for people: `3.4 MB/s`; `-` if no time has passed. */
export function formatRate(bytes: number, seconds: number): string {
  return seconds > 0 ? `${formatBytes(bytes / seconds)}/s` : '-'
}
