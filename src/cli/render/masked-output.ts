import type { Writable } from 'node:stream'
import { maskedText } from '../../secrets/masked-text.ts'

/**
 * Has secrets masked in all that is written to `stream` from now on, whoever writes: Node's own warnings and what it says under
 * NODE_DEBUG go there too. The answered function ends it.
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
