import { compareKeys } from '../trail/key-order.ts'
import type { ListedObject } from '../trail/log-object.ts'
import type { Slice } from '../trail/slice.ts'
import type { Listing } from './plan.ts'

/** The objects of another place that correspond to the objects of a slice, found while the slice is listed. */
export interface Twins<T> {
  /** Returns the twins of these keys, by key. Calls must come in key order. */
  of(keys: readonly string[]): Promise<ReadonlyMap<string, T>>
}

export interface TwinListing {
  readonly listing: Listing
  /** What the other place puts before each key. */
  readonly prefix: string
  readonly signal: AbortSignal
}

/**
 * Walks the other place's listing in parallel to the slice's. Both are sorted alike, so one pass over each finds every twin, without a call
 * per object and with one page of each in memory.
 */
export function listedTwins(
  slice: Pick<Slice, 'prefix' | 'startAfter' | 'shard'>,
  { listing, prefix, signal }: TwinListing,
): Twins<ListedObject> {
  let pending: ListedObject[] = []
  let next: { readonly startAfter: string | undefined; readonly token: string | undefined } | undefined = {
    startAfter: slice.startAfter === undefined ? undefined : prefix + slice.startAfter,
    token: undefined,
  }
  const readPage = async (from: NonNullable<typeof next>): Promise<void> => {
    const page = await listing.listPage({ prefix: prefix + slice.prefix, ...from }, signal)
    pending = page.objects.slice()
    const startAfter = page.objects.at(-1)?.key ?? from.startAfter
    next = page.nextToken === undefined ? undefined : { startAfter, token: page.nextToken }
  }
  /** A shard leaves out many keys, so a listing of it continues at the next key that is wanted. */
  const from = (wanted: string): typeof next => {
    const before = wanted.slice(0, -1)
    const isFar = slice.shard !== undefined && compareKeys(before, next?.startAfter ?? '') > 0
    return isFar && next !== undefined ? { startAfter: before, token: undefined } : next
  }
  return {
    async of(keys) {
      const found = new Map<string, ListedObject>()
      let at = 0
      for (const key of keys) {
        const wanted = prefix + key
        for (;;) {
          while (at < pending.length && compareKeys(pending[at]?.key ?? '', wanted) < 0) at++
          const request = from(wanted)
          if (at < pending.length || request === undefined) break
          await readPage(request)
          at = 0
        }
        const twin = pending[at]
        if (twin?.key === wanted) found.set(key, twin)
      }
      pending = pending.slice(at)
      return found
    },
  }
}
