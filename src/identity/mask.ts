const shownCharacters = 4

/**
 * A secret as it may be shown: `****` and its last characters, four at the most and never more than a quarter of it.
 * How long it is doesn't show.
 */
export function maskSecret(secret: string): string {
  const shown = Math.min(shownCharacters, Math.floor(secret.length / 4))
  return `****${shown < 2 ? '' : secret.slice(-shown)}`
}

/**
 * Text from a server or a program as it may be shown: control and direction characters stripped, every one of `secrets` masked,
 * 400 characters at most. STS repeats the wrong value in its validation errors, an external ID among them.
 */
export function cleanText(text: string, secrets: readonly (string | undefined)[] = []): string {
  const masked = secrets
    .flatMap((secret) => (secret === undefined || secret === '' ? [] : [secret]))
    .toSorted((one, other) => other.length - one.length)
    .reduce((shown, secret) => shown.replaceAll(secretPattern(secret), () => maskSecret(secret)), text)
  const plain = masked.replaceAll(webToken, '****').replaceAll(unprintable, ' ').replaceAll(/ {2,}/g, ' ').trim()
  return plain.length > longestShown ? `${plain.slice(0, longestShown - 1)}…` : plain
}

const longestShown = 400
/** A JSON web token, whoever sent it. */
const webToken = /eyJ[\w-]+\.[\w-]+(\.[\w-]+)?/g
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** A secret of two letters lies in half the words of a message: short ones are masked where they stand alone. */
function secretPattern(secret: string): RegExp {
  const literal = secret.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)
  return secret.length < 6 ? new RegExp(String.raw`(?<!\w)${literal}(?!\w)`, 'g') : new RegExp(literal, 'g')
}
