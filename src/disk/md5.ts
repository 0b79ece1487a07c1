import { createHash } from 'node:crypto'

/** Whether an ETag has the form of an MD5: 32 hexadecimal digits. */
export function looksLikeMd5(etag: string): boolean {
  return /^[0-9a-f]{32}$/i.test(etag)
}

let isAvailable: boolean | undefined

/** False if this Node has no MD5, as under FIPS. It is tried once: Node does not change that while it runs. */
export function md5Available(): boolean {
  isAvailable ??= canHash()
  return isAvailable
}

function canHash(): boolean {
  try {
    createHash('md5')
    return true
  } catch {
    // It is refused in one way only: OpenSSL has no MD5 to give.
    return false
  }
}
