import type { ObjectVersion } from '../../s3/version-page.ts'
import { compareKeys } from '../../trail/key-order.ts'
import { regionPrefix } from '../../trail/key-prefix.ts'
import type { Trail } from '../../trail/trail.ts'
import type { WorkerFrame } from '../../work/run.ts'
import type { LogPage, Source, SourceSlice } from '../../work/source.ts'
import type { DeletingBucket } from '../delete/deletion-access.ts'
import { mostKeysPerCall } from '../delete/deletion-batches.ts'
import { pagesOf } from '../delete/pages.ts'
import { versionTwins } from '../delete/version-twins.ts'
import { type DeleteJournal, type JournalEntry, journalEntries } from './read-journal.ts'

/** The journal's entry of a key, and the versions in the bucket, the newest first. */
export interface FoundVersions {
  readonly entry: JournalEntry
  readonly versions: readonly ObjectVersion[] | undefined
}

/**
 * Gives the objects that a journal names for an account, with the versions of each key, a thousand at a time. A listing that fails ends the
 * run, because the versions of its keys are not known.
 */
export function journalSource(
  { copy }: DeleteJournal,
  trail: Trail,
  { bucketOf, signal, onFatal }: WorkerFrame<DeletingBucket>,
): Source<SourceSlice>['read'] {
  return async ({ account }, { take }) => {
    const { admin } = bucketOf(account)
    const isWanted = (entry: JournalEntry) => entry.account === account
    const chunks = pagesOf(journalEntries(copy, trail, signal), isWanted, mostKeysPerCall)
    try {
      for await (const chunk of chunks) {
        for (const [prefix, entries] of byPlace(chunk, trail)) await take(await found(entries, prefix, admin, signal))
      }
    } catch (error) {
      if (signal.aborted) throw error
      onFatal(error)
    }
  }
}

function byPlace(entries: readonly JournalEntry[], trail: Trail): ReadonlyMap<string, readonly JournalEntry[]> {
  const places = new Map<string, JournalEntry[]>()
  for (const entry of entries) {
    const { logAccount, kind, region } = entry.object
    const prefix = regionPrefix(trail, logAccount, kind, region)
    const place = places.get(prefix)
    if (place === undefined) places.set(prefix, [entry])
    else place.push(entry)
  }
  return places
}

async function found(
  entries: readonly JournalEntry[],
  prefix: string,
  admin: DeletingBucket['admin'],
  signal: AbortSignal,
): Promise<LogPage> {
  const sorted = entries.toSorted((a, b) => compareKeys(a.object.key, b.object.key))
  const objects = sorted.map(({ object }) => object)
  const versions = await versionTwins(admin, prefix, signal).of(objects.map(({ key }) => key))
  const twins: FoundVersions[] = sorted.map((entry) => ({ entry, versions: versions.get(entry.object.key) }))
  return { objects, twins }
}
