const shownCharacters = 4

/**
 * Masks a secret: `****` and its last characters, at most four and at most a quarter of it.
 * The result does not show the length of the secret.
 */
export function maskSecret(secret: string): string {
  const shown = Math.min(shownCharacters, Math.floor(secret.length / 4))
  return `****${shown < 2 ? '' : secret.slice(-shown)}`
}
