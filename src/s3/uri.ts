const unreserved = /^[A-Za-z0-9\-._~/]*$/

/** Encodes a key as a path: RFC 3986, all bytes except the unreserved ones as %XX, slashes kept, dots never resolved (SigV4 for S3). */
export function encodeKey(key: string): string {
  if (unreserved.test(key)) return key
  return key.split('/').map(encodeComponent).join('/')
}

/** Encodes a name or value of a query: RFC 3986, slashes too. */
export function encodeComponent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Parameters by name. A name with several values is sent once for each. */
export type QueryParameters = Readonly<Record<string, string | readonly string[] | undefined>>

/** Returns a query string in canonical order: sorted by encoded name, then by encoded value, each by code point, as SigV4 requires. */
export function canonicalQuery(parameters: QueryParameters): string {
  return Object.entries(parameters)
    .flatMap(([name, values = []]) => (typeof values === 'string' ? [values] : values).map((value) => [name, value]))
    .map(([name = '', value = '']) => ({ name: encodeComponent(name), value: encodeComponent(value) }))
    .sort((one, other) => byCodePoint(one.name, other.name) || byCodePoint(one.value, other.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&')
}

/** Compares encoded text, which is ASCII. */
function byCodePoint(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

/** Decodes form-encoded text: `%XX` of UTF-8, `+` for a space. Returns undefined if it is invalid. */
export function decodeForm(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
