import { createHash, type Hash } from 'node:crypto'

/** The MD5 of these bytes, one piece after the other. Undefined if this Node has no MD5, as under FIPS. */
export function md5(...pieces: readonly Uint8Array[]): Buffer | undefined {
  const hash = newHash()
  for (const piece of pieces) hash?.update(piece)
  return hash?.digest()
}

function newHash(): Hash | undefined {
  try {
    return createHash('md5')
  } catch {
    // It is refused in one way only: OpenSSL has no MD5 to give.
    return undefined
  }
}
