import { constants } from 'node:buffer'
import { gunzipSync } from 'node:zlib'
import { errnoOf } from './disk-error.ts'
import { corruptGzip, inflatesTooMuch, notGzip, requireGzipMagic, truncatedGzip } from './gzip-error.ts'
import type { InflateLimit } from './file-form.ts'

/**
 * Unzips a small log in memory, up to the limit: joins all members and allows zeros after the last one, like gzip(1). Throws
 * `object.not-gzip`, `object.truncated-gzip`, `object.corrupt-gzip` (also for other data after the last member) and
 * `object.inflates-too-much`.
 */
export function inflateLog(bytes: Uint8Array, { maxInflatedBytes }: InflateLimit): Buffer {
  if (bytes.length === 0) throw notGzip('it is empty')
  requireGzipMagic(bytes, 0)
  const { buffer, engine } = gunzip(bytes, maxInflatedBytes)
  // Node stops at the first zero after a member, and would drop what follows it.
  if (bytes.subarray(engine.bytesWritten).some((byte) => byte !== 0))
    throw corruptGzip('there is data after its last member')
  return buffer
}

/** What `info: true` returns; Node's types omit it. `bytesWritten` counts the input used. */
interface GunzipResult {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

function gunzip(bytes: Uint8Array, maxInflatedBytes: number): GunzipResult {
  // Node accepts no limit below 1, so the length is checked again below.
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
 * The last four bytes of gzip give the inflated length (RFC 1952). They are only a hint. One output buffer of that length, plus one byte to
 * detect the end, takes half the time of Node's 16 KB pieces.
 */
function pieceBytes(bytes: Uint8Array, maxOutputLength: number): number {
  if (bytes.length < 4) return leastPieceBytes
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(bytes.length - 4, true)
  return Math.max(leastPieceBytes, Math.min(length + 1, maxOutputLength, mostPieceBytes))
}
