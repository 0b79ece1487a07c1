import { CrosstrailError } from '../error.ts'

export function notGzip(reason: string): CrosstrailError {
  return new CrosstrailError('object.not-gzip', `not gzip: ${reason}`, { hint: 'download it without --decompress' })
}

export function truncatedGzip(cause?: unknown): CrosstrailError {
  return new CrosstrailError('object.truncated-gzip', 'the gzip data ends early', { hint: damagedHint, cause })
}

export function corruptGzip(reason: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('object.corrupt-gzip', `the gzip data is corrupt: ${reason}`, { hint: damagedHint, cause })
}

export function inflatesTooMuch(maxInflatedBytes: number): CrosstrailError {
  return new CrosstrailError('object.inflates-too-much', `inflates to more than ${maxInflatedBytes} bytes`, {
    hint: 'raise --max-inflated if you trust the object, or download it without --decompress',
    facts: { maxInflatedBytes },
  })
}

const damagedHint = 'the object in the bucket is damaged; to look at it, download it without --decompress'

/** Throws `object.not-gzip` if these bytes, at this offset of the data, contradict gzip's magic number (RFC 1952). */
export function requireGzipMagic(bytes: Uint8Array, offset: number): void {
  for (let at = offset; at < gzipMagic.length && at - offset < bytes.length; at++) {
    if (bytes[at - offset] !== gzipMagic[at]) throw notGzip('it does not begin with 1f 8b')
  }
}

const gzipMagic = [0x1f, 0x8b] as const
