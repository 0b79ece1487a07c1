import type { BucketAdmin } from '../../s3/bucket-admin.ts'
import type { ObjectVersion, VersionPage } from '../../s3/version-page.ts'
import { compareKeys } from '../../trail/key-order.ts'
import type { Twins } from '../../work/twins.ts'

/**
 * Finds all versions and markers of keys that come in order, the newest first, with one walk over the listing of versions. Skips what lies
 * between two keys. Holds a page, or the versions of one key.
 */
export function versionTwins(
  admin: Pick<BucketAdmin, 'versionPage'>,
  prefix: string,
  signal: AbortSignal,
): Twins<readonly ObjectVersion[]> {
  let pending: readonly ObjectVersion[] = []
  let next: VersionPage['next'] = { keyMarker: '', versionIdMarker: undefined }
  const readPage = async (wanted: string): Promise<void> => {
    // A marker is exclusive, and a key without its last character sorts before the key.
    const jump = wanted.slice(0, -1)
    const jumps = pending.length === 0 && compareKeys(jump, next?.keyMarker ?? '') > 0
    const from = jumps ? { keyMarker: jump, versionIdMarker: undefined } : next
    const page = await admin.versionPage(
      { prefix, keyMarker: from?.keyMarker || undefined, versionIdMarker: from?.versionIdMarker },
      signal,
    )
    pending = [...pending, ...page.versions]
    next = page.next
  }
  return {
    async of(keys) {
      const found = new Map<string, readonly ObjectVersion[]>()
      for (const key of keys) {
        for (;;) {
          const from = pending.findIndex((version) => compareKeys(version.key, key) >= 0)
          pending = from === -1 ? [] : pending.slice(from)
          const last = pending.at(-1)
          // There may be more versions of this key until a later key is seen.
          if (next === undefined || (last !== undefined && compareKeys(last.key, key) > 0)) break
          await readPage(key)
        }
        const end = pending.findIndex((version) => version.key !== key)
        const versions = end === -1 ? pending : pending.slice(0, end)
        if (versions.length > 0) found.set(key, versions)
        pending = pending.slice(versions.length)
      }
      return found
    },
  }
}
