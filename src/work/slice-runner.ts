import type { ListPage } from '../s3/list-page.ts'
import { logExtension } from '../trail/file-name.ts'
import { deliveryTimes, parseSliceKey } from '../trail/key.ts'
import { ownText } from '../trail/own-text.ts'
import { compareKeys } from '../trail/key-order.ts'
import type { ListedObject, LogObject } from '../trail/log-object.ts'
import { type Slice, splitPoint, splitSlice } from '../trail/slice.ts'
import { windowHolds } from '../trail/window.ts'
import type { Crew } from './crew.ts'
import type { KeyFilter } from './key-filter.ts'
import type { ObjectAction } from './object-action.ts'
import type { OnTaken } from './object-taker.ts'
import type { Outcome } from './outcome.ts'
import type { LongListings } from './long-listings.ts'
import type { Listing } from './plan.ts'
import type { RunListener } from './run-event.ts'
import type { Twins } from './twins.ts'
import { UnderWay } from './under-way.ts'

export interface SliceWork<B extends Listing> {
  readonly bucket: B
  /** Opens the view of the other place, where the action wants one. */
  readonly twins: ObjectAction<B>['twins']
  readonly filter: KeyFilter
  readonly crew: Crew<B>
  readonly longListings: LongListings
  readonly listener: RunListener
  /** Aborted: list no more, take no more. */
  readonly signal: AbortSignal
  /** True while there is room for another listing. Each `true` takes it. */
  readonly isHungry: () => boolean
  /** Hands a part of the slice back, to be listed beside it. */
  readonly giveAway: (slice: Slice) => void
  readonly listed: () => void
  /** Awaited before each page as long as it is a promise: the reader of the results is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
  /** A limit of the run is reached: nothing more is to be taken. */
  readonly onLimit: () => void
  readonly nowMs: () => number
}

/**
 * Lists a slice and acts on each of its objects while the next page is under way. Resolves when every object has its outcome.
 * A dense slice gives its later half away while there is room for another listing. Throws where the listing fails; objects never throw.
 */
export async function runSlice<B extends Listing>(whole: Slice, work: SliceWork<B>): Promise<void> {
  const underWay = new UnderWay()
  const onTaken: OnTaken = (outcome) => {
    if (outcome !== undefined) tell(outcome, work)
    underWay.end()
  }
  const twins = work.twins?.(whole)
  const deliveredAt = deliveryTimes(whole)
  let slice = whole
  let isLong = false
  const list = (startAfter: string | undefined, token: string | undefined) =>
    work.bucket.listPage({ prefix: slice.prefix, startAfter, token }, work.signal)

  /** Takes a page, and answers how to list on. Nothing of the page is kept. */
  const take = async (page: ListPage): Promise<Onward | undefined> => {
    const { objects, nextToken } = page
    const last = objects.at(-1)
    const more = nextToken !== undefined && !(last !== undefined && isPast(last.key, slice.end))
    if (more && work.isHungry()) slice = giveHalfAway(slice, last, work)
    isLong ||= more && work.longListings.enter()
    const onward = listOn(list, last?.key, nextToken, more && isLong)
    // Asked again after each wait: of all the slices that waited, the first one fills the pipe.
    let waited = false
    for (let writable = work.whenWritable?.(); writable !== undefined; writable = work.whenWritable?.()) {
      await writable
      waited = true
    }
    const waitedForRoom = await takePage(page, slice, deliveredAt, work, twins, underWay, onTaken)
    if (!waited && !waitedForRoom) work.longListings.pageTaken()
    return more && !work.signal.aborted ? onward : undefined
  }

  try {
    for (let onward = await take(await list(slice.startAfter, undefined)); onward !== undefined;) {
      if (!isLong) await work.longListings.room()
      isLong = true
      onward = await take(await (onward.next ?? onward.list()))
    }
    work.listed()
  } finally {
    if (isLong) work.longListings.leave()
    await underWay.ended()
  }
}

/** The next page: under way already, or to be asked for. */
interface Onward {
  readonly next: Promise<ListPage> | undefined
  readonly list: () => Promise<ListPage>
}

function listOn(
  list: (startAfter: string | undefined, token: string | undefined) => Promise<ListPage>,
  lastKey: string | undefined,
  nextToken: string | undefined,
  atOnce: boolean,
): Onward {
  const startAfter = lastKey && ownText(lastKey)
  const token = nextToken && ownText(nextToken)
  const listNext = () => list(startAfter, token)
  const next = atOnce ? listNext() : undefined
  // The page is awaited after the objects of the one before: until then its failure is nobody's.
  next?.catch(() => undefined)
  return { next, list: listNext }
}

function isPast(key: string, end: string | undefined): boolean {
  return end !== undefined && compareKeys(key, end) >= 0
}

function giveHalfAway<B extends Listing>(slice: Slice, last: ListedObject | undefined, work: SliceWork<B>): Slice {
  const parts = last && parseSliceKey(last.key, slice)
  const atMs = parts && splitPoint(slice, parts.deliveredAtMs, work.nowMs())
  const halves = atMs === undefined ? undefined : splitSlice(slice, atMs)
  if (halves === undefined) return slice
  work.giveAway(halves[1])
  return halves[0]
}

/** Answers whether the objects had to wait for room. */
async function takePage<B extends Listing>(
  page: ListPage,
  slice: Slice,
  deliveredAt: (key: string) => number | undefined,
  work: SliceWork<B>,
  twins: Twins<unknown> | undefined,
  underWay: UnderWay,
  onTaken: OnTaken,
): Promise<boolean> {
  const { account } = slice
  let waited = false
  const selected = select(page, slice, deliveredAt, work)
  const found = twins === undefined ? undefined : await twins.of(selected.map(({ key }) => key))
  work.crew.expect(selected.length)
  for (const object of selected) {
    if (work.signal.aborted) break
    underWay.begin()
    // Most find room: no promise for them.
    const room = work.crew.take(object, account, found?.get(object.key), onTaken)
    if (room !== undefined) {
      await room
      waited = true
    }
  }
  return waited
}

/** What of a page is the slice's and in the selection. What is neither is told, as far as people must hear of it. */
function select<B extends Listing>(
  { objects, answeredAtMs }: ListPage,
  slice: Slice,
  deliveredAt: (key: string) => number | undefined,
  work: SliceWork<B>,
): LogObject[] {
  const { account } = slice
  const selected: LogObject[] = []
  let selectedBytes = 0
  const reachesEnd = isPast(objects.at(-1)?.key ?? '', slice.end)
  for (const listed of objects) {
    if (reachesEnd && isPast(listed.key, slice.end)) break
    const deliveredAtMs = deliveredAt(listed.key)
    if (deliveredAtMs === undefined) {
      work.listener({ type: 'outcome', outcome: { status: 'skipped', account, object: listed, reason: 'foreign' } })
      if (listed.key.endsWith(logExtension)) warnOfName(listed.key, account, work)
      continue
    }
    if (!windowHolds(slice.window, deliveredAtMs)) continue
    const object = logObject(listed, slice, deliveredAtMs)
    if (!work.filter(object.key)) {
      work.listener({ type: 'outcome', outcome: { status: 'skipped', account, object, reason: 'unselected' } })
      continue
    }
    selected.push(object)
    selectedBytes += object.sizeBytes
  }
  work.listener({ type: 'listed', account, objects: selected.length, bytes: selectedBytes, answeredAtMs })
  return selected
}

/** Written out: V8 clones two objects into one at four times the cost. */
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

/** It may be a log under a name that is not known here: people must hear of it. */
function warnOfName<B extends Listing>(key: string, account: string, { listener }: SliceWork<B>): void {
  listener({
    type: 'note',
    level: 'warning',
    code: 'list.unknown-name',
    message: `${key} lies among the logs and has no name of a log there: it is left alone`,
    account,
  })
}

function tell<B extends Listing>(outcome: Outcome, { listener, onLimit }: SliceWork<B>): void {
  listener({ type: 'outcome', outcome })
  if (outcome.status === 'skipped' && outcome.reason === 'limit') onLimit()
}
