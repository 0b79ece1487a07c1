const unreserved = /^[A-Za-z0-9\-._~/]*$/

/** A key as a path: RFC 3986, every byte but the unreserved ones as %XX, slashes kept, dots never resolved (SigV4 for S3). */
export function encodeKey(key: string): string {
  if (unreserved.test(key)) return key
  return key.split('/').map(encodeComponent).join('/')
}

/** A query value or name: RFC 3986, slashes encoded as well. */
export function encodeComponent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Parameters as a query string in canonical order: sorted by name, by code point, as SigV4 wants it. */
export function canonicalQuery(parameters: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(parameters)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `${encodeComponent(name)}=${encodeComponent(value)}`)
    .sort()
    .join('&')
}

/** The text of what was encoded as in a form: `%XX` of UTF-8, `+` for a blank. Undefined where it is none. */
export function decodeForm(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
