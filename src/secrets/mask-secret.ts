const shownCharacters = 4

/** Masks a secret: `****` and at most four of its last characters, and at most a quarter of it. Does not show its length. */
export function maskSecret(secret: string): string {
  const shown = Math.min(shownCharacters, Math.floor(secret.length / 4))
  return `****${shown < 2 ? '' : secret.slice(-shown)}`
}
