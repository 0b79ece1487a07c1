import { createHash } from 'node:crypto'
import { md5 } from '../s3/md5.ts'

/** The ETag of bytes that came in one piece: their MD5. Where Node has no MD5, one that nobody takes for an MD5. */
export function bytesEtag(bytes: Uint8Array): string {
  return md5(bytes)?.toString('hex') ?? `${cutSha256(bytes)}-1`
}

/** The ETag of what came in parts, by those of the parts: `md5ofmd5s-N`. */
export function partsEtag(etags: readonly string[]): string {
  const bytes = Buffer.concat(etags.map((etag) => Buffer.from(etag.slice(0, 32), 'hex')))
  return `${md5(bytes)?.toString('hex') ?? cutSha256(bytes)}-${etags.length}`
}

/** What digests name a public key by: its MD5. Where Node has no MD5, as many digits of its SHA-256. */
export function keyFingerprint(publicKeyDer: Uint8Array): string {
  return md5(publicKeyDer)?.toString('hex') ?? cutSha256(publicKeyDer)
}

function cutSha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}
