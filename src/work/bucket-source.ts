import { logExtension } from '../trail/file-name.ts'
import type { ListPage } from '../s3/list-page.ts'
import { deliveryTimes, parseSliceKey } from '../trail/key.ts'
import { compareKeys } from '../trail/key-order.ts'
import type { ListedObject, LogObject } from '../trail/log-object.ts'
import { ownText } from '../trail/own-text.ts'
import { type Slice, splitPoint, splitSlice } from '../trail/slice.ts'
import { windowHolds } from '../trail/window.ts'
import type { KeyFilter } from './key-filter.ts'
import { LongListings } from './long-listings.ts'
import { OwnRanges } from './own-ranges.ts'
import { type Listing, planSlices } from './plan.ts'
import type { RunListener } from './run-event.ts'
import type { Reading, Source } from './source.ts'

export interface BucketSourceOptions {
  readonly bucketOf: (account: string) => Listing
  readonly filter: KeyFilter
  readonly listener: RunListener
  /** Aborted: list no more. */
  readonly signal: AbortSignal
  readonly nowMs: () => number
}

/** A source of the log objects that a bucket lists. */
export function bucketSource(options: BucketSourceOptions): Source {
  const longListings = new LongListings()
  return { plan: planSlices, read: (slice, reading) => readSlice(slice, reading, options, longListings) }
}

/** Lists a slice. Passes each page on while the next one is requested. A dense slice gives away its later half if there is room for another listing. */
async function readSlice(
  whole: Slice,
  { take, isHungry, giveAway }: Reading<Slice>,
  options: BucketSourceOptions,
  longListings: LongListings,
): Promise<void> {
  const { signal, nowMs } = options
  const bucket = options.bucketOf(whole.account)
  const deliveredAt = deliveryTimes(whole)
  const ranges = new OwnRanges(whole)
  /** The next page is requested before the objects of this one are selected. */
  const ahead = new OwnRanges(whole)
  let slice = whole
  let isLong = false
  let startAfter = ranges.startAfter
  let token: string | undefined
  /** The next page, if it was requested already. */
  let next: Promise<ListPage> | undefined
  const list = () => bucket.listPage({ prefix: whole.prefix, startAfter, token }, signal)

  /** Passes a page on and returns whether there is more. Keeps nothing of the page. */
  const give = async (page: ListPage): Promise<boolean> => {
    const { objects, nextToken } = page
    const last = objects.at(-1)
    let more = nextToken !== undefined && !(last !== undefined && isPast(last.key, slice.end))
    if (more && isHungry()) slice = giveHalfAway(slice, last, nowMs(), giveAway)
    startAfter = last && ownText(last.key)
    token = nextToken && ownText(nextToken)
    if (more && last !== undefined && !ahead.holds(last.key)) {
      // The keys until the next range are those of other machines.
      token = undefined
      startAfter = ahead.startAfter
      more = !ahead.areOver && !isPast(startAfter ?? '', slice.end)
    }
    isLong ||= more && longListings.enter()
    next = more && isLong ? list() : undefined
    // It is awaited after the objects of this page; until then a rejection must not count as unhandled.
    next?.catch(() => undefined)
    const waited = await take({ objects: select(page, slice, { deliveredAt, ranges }, options) })
    if (!waited) longListings.pageTaken()
    return more && !signal.aborted
  }

  if (ranges.areOver) return
  try {
    let more = await give(await list())
    while (more) {
      if (!isLong) await longListings.room()
      isLong = true
      more = await give(await (next ?? list()))
    }
  } finally {
    if (isLong) longListings.leave()
  }
}

function isPast(key: string, end: string | undefined): boolean {
  return end !== undefined && compareKeys(key, end) >= 0
}

function giveHalfAway(
  slice: Slice,
  last: ListedObject | undefined,
  nowMs: number,
  giveAway: (slice: Slice) => void,
): Slice {
  const parts = last && parseSliceKey(last.key, slice)
  const atMs = parts && splitPoint(slice, parts.deliveredAtMs, nowMs)
  const halves = atMs === undefined ? undefined : splitSlice(slice, atMs)
  if (halves === undefined) return slice
  giveAway(halves[1])
  return halves[0]
}

interface SliceKeys {
  /** Undefined for a foreign key. */
  readonly deliveredAt: (key: string) => number | undefined
  readonly ranges: OwnRanges
}

/** Returns the objects of a page that are in the slice and the selection. Reports the others, if users must know of them. */
function select(
  { objects, answeredAtMs }: ListPage,
  slice: Slice,
  { deliveredAt, ranges }: SliceKeys,
  { filter, listener }: BucketSourceOptions,
): LogObject[] {
  const { account } = slice
  const selected: LogObject[] = []
  let selectedBytes = 0
  const reachesEnd = isPast(objects.at(-1)?.key ?? '', slice.end)
  for (const listed of objects) {
    if (reachesEnd && isPast(listed.key, slice.end)) break
    if (!ranges.holds(listed.key)) continue
    const deliveredAtMs = deliveredAt(listed.key)
    if (deliveredAtMs === undefined) {
      listener({ type: 'outcome', outcome: { status: 'skipped', account, object: listed, reason: 'foreign' } })
      if (listed.key.endsWith(logExtension)) warnOfName(listed.key, account, listener)
      continue
    }
    if (!windowHolds(slice.window, deliveredAtMs)) continue
    const object = logObject(listed, slice, deliveredAtMs)
    if (!filter(object.key)) {
      listener({ type: 'outcome', outcome: { status: 'skipped', account, object, reason: 'unselected' } })
      continue
    }
    selected.push(object)
    selectedBytes += object.sizeBytes
  }
  listener({ type: 'listed', account, objects: selected.length, bytes: selectedBytes, answeredAtMs })
  return selected
}

/** Written out, because V8 spreads two objects into one at four times the cost. */
function logObject(listed: ListedObject, slice: Slice, deliveredAtMs: number): LogObject {
  return {
    key: listed.key,
    sizeBytes: listed.sizeBytes,
    etag: listed.etag,
    lastModifiedMs: listed.lastModifiedMs,
    storageClass: listed.storageClass,
    restored: listed.restored,
    logAccount: slice.logAccount,
    region: slice.region,
    kind: slice.kind,
    deliveredAtMs,
  }
}

/** It may be a log with a name that this version does not know, so the user must know of it. */
function warnOfName(key: string, account: string, listener: RunListener): void {
  listener({
    type: 'note',
    level: 'warning',
    code: 'list.unknown-name',
    message: `${key} is in a folder of logs, but does not have the name of a log: it is skipped`,
    account,
  })
}
