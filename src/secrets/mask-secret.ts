const shownCharacters = 4

/**
 * A secret as it may be shown: `****` and its last characters, four at the most and never more than a quarter of it.
 * How long it is does not show.
 */
export function maskSecret(secret: string): string {
  const shown = Math.min(shownCharacters, Math.floor(secret.length / 4))
  return `****${shown < 2 ? '' : secret.slice(-shown)}`
}
