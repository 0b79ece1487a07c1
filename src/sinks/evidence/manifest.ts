/** Returns a line of a manifest as `sha256sum -c` reads it. RFC 8493 demands that CR, LF and % are percent-encoded in paths. */
export function manifestLine(sha256: string, path: string): string {
  return `${sha256}  ${path.replace(/[%\r\n]/g, (character) => encoded[character] ?? character)}\n`
}

const encoded: Readonly<Record<string, string>> = { '%': '%25', '\r': '%0D', '\n': '%0A' }
