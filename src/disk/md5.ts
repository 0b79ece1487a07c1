import { createHash } from 'node:crypto'

/** True if an ETag has the form of an MD5: 32 hexadecimal digits. */
export function looksLikeMd5(etag: string): boolean {
  return /^[0-9a-f]{32}$/i.test(etag)
}

let isAvailable: boolean | undefined

/** False if this Node has no MD5, as under FIPS. It is tested once, because it cannot change in a running process. */
export function md5Available(): boolean {
  isAvailable ??= canHash()
  return isAvailable
}

function canHash(): boolean {
  try {
    createHash('md5')
    return true
  } catch {
    // It fails in one way only: OpenSSL has no MD5.
    return false
  }
}
