import { createHash, type Hash } from 'node:crypto'

/** Returns the MD5 of the concatenated pieces. Undefined if this Node has no MD5, as under FIPS. */
export function md5(...pieces: readonly Uint8Array[]): Buffer | undefined {
  const hash = newHash()
  for (const piece of pieces) hash?.update(piece)
  return hash?.digest()
}

function newHash(): Hash | undefined {
  try {
    return createHash('md5')
  } catch {
    // The only possible reason: OpenSSL provides no MD5.
    return undefined
  }
}
