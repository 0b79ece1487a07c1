import { createHash } from 'node:crypto'
import { md5 } from '../s3/md5.ts'

/** Returns the ETag of a body in one part: its MD5. Without MD5 in Node, it is one that does not look like an MD5. */
export function bytesEtag(bytes: Uint8Array): string {
  return md5(bytes)?.toString('hex') ?? `${cutSha256(bytes)}-1`
}

/** Returns the ETag of a multipart upload from those of its parts: `md5ofmd5s-N`. */
export function partsEtag(etags: readonly string[]): string {
  const bytes = Buffer.concat(etags.map((etag) => Buffer.from(etag.slice(0, 32), 'hex')))
  return `${md5(bytes)?.toString('hex') ?? cutSha256(bytes)}-${etags.length}`
}

/** Returns the fingerprint by which digests name a public key: its MD5. Without MD5 in Node, it is as many digits of its SHA-256. */
export function keyFingerprint(publicKeyDer: Uint8Array): string {
  return md5(publicKeyDer)?.toString('hex') ?? cutSha256(publicKeyDer)
}

function cutSha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}
