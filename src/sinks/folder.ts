import { DurableBatch } from '../disk/durable-batch.ts'
import { openMirror } from '../disk/local-mirror.ts'
import { CrosstrailError } from '../error.ts'
import { isArchived } from './archived.ts'
import { fetchObject, placeOrFailure } from '../verbs/download/download.ts'
import type { PullSink } from './sink.ts'

export interface FolderSinkOptions {
  readonly root: string
  /** Store JSON instead of gzip. */
  readonly decompress: boolean
  readonly maxInflatedBytes: number
  /** What is to be done with each file before it counts as arrived. A throw of `object.…` is the object's failure. */
  readonly onFile?: ((path: string) => Promise<void>) | undefined
}

/** Files that mirror the keys, as download writes them. */
export function folderSink(options: FolderSinkOptions, signal: AbortSignal): PullSink {
  const { root, onFile } = options
  const mirror = openMirror({ ...options, layout: 'key' })
  const batch = new DurableBatch(root)
  return {
    take(object, account, bucket) {
      const place = placeOrFailure(mirror, object)
      if (place instanceof CrosstrailError) return { status: 'failed', account, object, error: place }
      if (place.decision === 'skip') {
        // A run that was killed may have left it, and nobody synced it then.
        batch.add(place.relativePath)
        const present = { status: 'skipped', account, object, reason: 'present' } as const
        return onFile === undefined ? present : () => onFile(place.path).then(() => present)
      }
      if (isArchived(object)) return { status: 'skipped', account, object, reason: 'archived' }
      return async () => {
        const done = await fetchObject(object, account, place, mirror, bucket, signal)
        await onFile?.(place.path)
        batch.add(place.relativePath)
        return done
      }
    },
    flush: () => batch.sync(),
    close: () => Promise.resolve(mirror.close()),
  }
}
