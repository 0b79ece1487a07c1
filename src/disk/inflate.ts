import { constants } from 'node:buffer'
import { gunzipSync } from 'node:zlib'
import { errnoOf } from './disk-error.ts'
import { corruptGzip, inflatesTooMuch, notGzip, requireGzipMagic, truncatedGzip } from './gzip-error.ts'
import type { InflateLimit } from './file-form.ts'

/**
 * Unzips a small log at once: all members joined, zeros behind the last one allowed, as gzip(1) has it. Holds no more than the limit.
 * Throws `object.not-gzip`, `object.truncated-gzip`, `object.corrupt-gzip` (anything else behind the last member, too) and
 * `object.inflates-too-much`.
 */
export function inflateLog(bytes: Uint8Array, { maxInflatedBytes }: InflateLimit): Buffer {
  if (bytes.length === 0) throw notGzip('it is empty')
  requireGzipMagic(bytes, 0)
  const { buffer, engine } = gunzip(bytes, maxInflatedBytes)
  // Node stops at the first zero behind a member, and would drop what follows it.
  if (bytes.subarray(engine.bytesWritten).some((byte) => byte !== 0))
    throw corruptGzip('something follows its last member')
  return buffer
}

/** What `info: true` answers; the types of Node do not tell. `bytesWritten` counts the input that was used. */
interface GunzipResult {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

function gunzip(bytes: Uint8Array, maxInflatedBytes: number): GunzipResult {
  // Node takes no limit below 1; the length is checked again for that one case.
  const maxOutputLength = Math.min(Math.max(maxInflatedBytes, 1), constants.MAX_LENGTH)
  try {
    const chunkSize = pieceBytes(bytes, maxOutputLength)
    const result = gunzipSync(bytes, { maxOutputLength, chunkSize, info: true }) as unknown as GunzipResult
    if (result.buffer.length > maxInflatedBytes) throw inflatesTooMuch(maxInflatedBytes)
    return result
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ERR_BUFFER_TOO_LARGE') throw inflatesTooMuch(maxInflatedBytes)
    if (errno === 'Z_BUF_ERROR') throw truncatedGzip(error)
    if (errno === 'Z_DATA_ERROR') throw corruptGzip('it cannot be unzipped', error)
    throw error
  }
}

const leastPieceBytes = 64
const mostPieceBytes = 1024 * 1024

/**
 * The last four bytes of gzip say how long it was (RFC 1952). In one piece, with a byte to spare to see the end in, it takes half the time
 * of Node's pieces of 16 KB; what they say is a hint and no more.
 */
function pieceBytes(bytes: Uint8Array, maxOutputLength: number): number {
  if (bytes.length < 4) return leastPieceBytes
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(bytes.length - 4, true)
  return Math.max(leastPieceBytes, Math.min(length + 1, maxOutputLength, mostPieceBytes))
}
