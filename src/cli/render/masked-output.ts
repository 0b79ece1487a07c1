import type { Writable } from 'node:stream'
import { maskedText } from '../../secrets/masked-text.ts'

/**
 * Masks secrets in everything that is written to `stream` from now on, including Node's own warnings and its NODE_DEBUG output. The
 * returned function undoes it.
 */
export function maskOutput(stream: Writable): () => void {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean
  stream.write = (chunk: unknown, ...rest: unknown[]) => write(maskedChunk(chunk), ...rest)
  return () => {
    stream.write = write
  }
}

function maskedChunk(chunk: unknown): unknown {
  if (typeof chunk === 'string') return maskedText(chunk)
  if (!(chunk instanceof Uint8Array)) return chunk
  const text = Buffer.from(chunk).toString('utf8')
  const masked = maskedText(text)
  return masked === text ? chunk : Buffer.from(masked)
}
