import { signatureText } from '../../disk/signature-file.ts'
import { CrosstrailError } from '../../error.ts'
import { header, type HttpHeaders } from '../../s3/http.ts'
import { interrupted } from '../../s3/interrupted.ts'
import type { ListPage } from '../../s3/list-page.ts'
import { isArchived } from '../../sinks/archived.ts'
import { heldObject } from '../../sinks/object-receiver.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import { parseSliceKey } from '../../trail/key.ts'
import { compareKeys } from '../../trail/key-order.ts'
import type { Kind } from '../../trail/kind.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { ownText } from '../../trail/own-text.ts'
import { sliceOf } from '../../trail/slice.ts'
import type { Trail } from '../../trail/trail.ts'
import { type Window, windowHolds } from '../../trail/window.ts'
import type { FoundPlace, Listing } from '../../work/plan.ts'
import type { RunListener } from '../../work/run-event.ts'
import { sortedByDay } from './by-day.ts'
import { type ListedDigest, mostDigestBytes, type StreamSlice, type VerifyPlace } from './place.ts'

export interface BucketPlaceOptions {
  readonly trail: Trail
  readonly bucketOf: (account: string) => Listing & ObjectReader
  readonly listener: RunListener
  /** Called for each folder that has something. */
  readonly onFound: (place: FoundPlace) => void
  /** Aborted: list and read no more. */
  readonly signal: AbortSignal
}

/** The bucket of the trail, through the sessions of accounts. */
export function bucketPlace(options: BucketPlaceOptions): VerifyPlace {
  const { trail, bucketOf, signal } = options
  return {
    keepsSignatures: true,
    mayBePlain: false,
    digests: (stream, window) => sortedByDay(digestsOf(listed(stream, 'digest', window, options))),
    logs(stream, kind, window) {
      const pages = listed(stream, kind, window, options)
      // AWS does not document the names of the other kinds, so they may not sort by time.
      return kind === 'events' || kind === 'insight' ? pages : sortedByDay(pages)
    },
    async read({ account }, digest) {
      const { key, sizeBytes } = digest
      if (isArchived(digest)) throw new CrosstrailError('object.archived', `${key} is archived`)
      if (sizeBytes > mostDigestBytes) {
        throw new CrosstrailError('object.too-long', `${key} has more than ${mostDigestBytes} bytes`)
      }
      const { body, headers } = await bucketOf(account).get(digest, () => heldObject(digest), signal)
      const generated = metadata(headers, 'backfill-generation-timestamp')
      return {
        bucket: trail.bucket,
        key,
        parts: digest.parts,
        body,
        signature: metadata(headers, 'signature'),
        signatureAlgorithm: metadata(headers, 'signature-algorithm'),
        backfillGeneratedMs: generated === undefined ? undefined : instantOf(generated),
        signatureFile: signatureText(headers),
      }
    },
  }
}

export function instantOf(text: string): number | undefined {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

function metadata(headers: HttpHeaders, name: string): string | undefined {
  return header(headers, `x-amz-meta-${name}`)
}

/** Only a digest needs the parts of its name, and many logs may be in memory at a time. */
type Entry = LogObject & Partial<Pick<ListedDigest, 'parts'>>

async function* digestsOf(
  pages: AsyncIterable<readonly Entry[]>,
): AsyncGenerator<readonly (ListedDigest & LogObject)[]> {
  for await (const page of pages) {
    yield page.flatMap((entry) => {
      const { parts } = entry
      if (parts === undefined) return []
      // These names are kept for the whole run, and must not keep a page of the listing in memory.
      const own = { trailName: ownText(parts.trailName), homeRegion: ownText(parts.homeRegion) }
      return [{ ...entry, parts: { ...parts, ...own } }]
    })
  }
}

/** Lists one kind of a stream in the order of keys. */
async function* listed(
  { account, logAccount, region }: StreamSlice,
  kind: Kind,
  window: Window,
  { trail, bucketOf, listener, onFound, signal }: BucketPlaceOptions,
): AsyncGenerator<readonly Entry[]> {
  const slice = sliceOf({ layout: trail, account, logAccount, region, kind, window })
  const bucket = bucketOf(account)
  let startAfter = slice.startAfter
  let token: string | undefined
  do {
    if (signal.aborted) throw interrupted(signal)
    const page: ListPage = await bucket.listPage({ prefix: slice.prefix, startAfter, token }, signal)
    if (page.objects.length > 0) onFound({ logAccount, region, kind })
    const entries: Entry[] = []
    for (const object of page.objects) {
      if (slice.end !== undefined && compareKeys(object.key, slice.end) >= 0) break
      const parts = parseSliceKey(object.key, slice)
      if (parts === undefined) {
        listener({ type: 'outcome', outcome: { status: 'skipped', account, object, reason: 'foreign' } })
      } else if (windowHolds(window, parts.deliveredAtMs)) {
        const { deliveredAtMs } = parts
        // It may wait for its digest for hours, and must not keep its page of the listing in memory.
        const own = { key: ownText(object.key), etag: ownText(object.etag) }
        const entry = { ...object, ...own, logAccount, region, kind, deliveredAtMs }
        entries.push(parts.kind === 'digest' ? { ...entry, parts } : entry)
      }
    }
    yield entries
    const last = page.objects.at(-1)
    startAfter = last && ownText(last.key)
    token = page.nextToken && ownText(page.nextToken)
    const isPast = last !== undefined && slice.end !== undefined && compareKeys(last.key, slice.end) >= 0
    if (isPast) return
  } while (token !== undefined)
}
