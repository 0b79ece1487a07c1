import type { ObjectVersion, VersionPage } from '../../s3/version-page.ts'
import { compareKeys } from '../../trail/key-order.ts'
import type { Twins } from '../../work/twins.ts'

/** What walking versions needs of a bucket. */
export interface VersionListing {
  versionPage(
    request: {
      readonly prefix: string
      readonly keyMarker?: string | undefined
      readonly versionIdMarker?: string | undefined
    },
    signal?: AbortSignal,
  ): Promise<VersionPage>
}

/**
 * Walks the listing of versions beside keys that come in order: of each key all versions and markers, the newest first. What lies
 * between two keys is jumped over. Holds a page, or the versions of one key.
 */
export function versionTwins(
  admin: VersionListing,
  prefix: string,
  signal: AbortSignal,
): Twins<readonly ObjectVersion[]> {
  let pending: readonly ObjectVersion[] = []
  let next: VersionPage['next'] = { keyMarker: '', versionIdMarker: undefined }
  const readPage = async (wanted: string): Promise<void> => {
    // A marker is exclusive, and a key less its last letter sorts before it.
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
          // Until a version of a later key is seen, there may be more of this one.
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
