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
    hint: 'raise --max-inflated if the object is to be trusted, or download it without --decompress',
    facts: { maxInflatedBytes },
  })
}

const damagedHint = 'the object lies like this in the bucket: download it without --decompress to look at it'

/** Throws `object.not-gzip` when these bytes, which lie at this offset of the data, contradict gzip's magic number (RFC 1952). */
export function requireGzipMagic(bytes: Uint8Array, offset: number): void {
  for (let at = offset; at < gzipMagic.length && at - offset < bytes.length; at++) {
    if (bytes[at - offset] !== gzipMagic[at]) throw notGzip('it does not begin with 1f 8b')
  }
}

const gzipMagic = [0x1f, 0x8b] as const
