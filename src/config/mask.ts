/**
 * A secret as it may be shown: `****` and its last characters, four at the most and never more than a quarter of it.
 * How long it is doesn't show.
 */
export function maskSecret(secret: string): string {
  const kept = Math.min(4, Math.floor(secret.length / 4))
  return `****${kept < 2 ? '' : secret.slice(-kept)}`
}
