import { ServiceError } from './error-answer.ts'

/**
 * Decodes `aws-chunked`, as the SDKs send it with `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: chunks of `size CRLF bytes CRLF`, a last one of
 * size 0, and trailing headers.
 * @throws {ServiceError} `IncompleteBody`
 */
export function decodeChunked(encoded: Buffer): { body: Buffer; trailers: ReadonlyMap<string, string> } {
  const chunks: Buffer[] = []
  let position = 0
  for (;;) {
    const lineEnd = encoded.indexOf('\r\n', position)
    const sizeBytes = Number.parseInt(encoded.toString('latin1', position, Math.max(lineEnd, position)), 16)
    if (lineEnd < 0 || Number.isNaN(sizeBytes) || lineEnd + 2 + sizeBytes > encoded.length) {
      throw new ServiceError(400, 'IncompleteBody', 'The request body terminated unexpectedly')
    }
    const start = lineEnd + 2
    if (sizeBytes === 0)
      return { body: Buffer.concat(chunks), trailers: parseTrailers(encoded.toString('latin1', start)) }
    chunks.push(encoded.subarray(start, start + sizeBytes))
    position = start + sizeBytes + 2
  }
}

function parseTrailers(text: string): ReadonlyMap<string, string> {
  const trailers = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) trailers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return trailers
}
