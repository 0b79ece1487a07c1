import type { AccountId } from './account-id.ts'
import { dayMs, hourMs, lastInstantMs, minuteMs } from './calendar.ts'
import { compareKeys } from './key-order.ts'
import { regionPrefix } from './key-prefix.ts'
import { type Kind, kindFolder } from './kind.ts'
import { cellShard, type CellShard, type Shard, ShardCells } from './shard.ts'
import { dayFolder, stampOf } from './stamp.ts'
import type { TrailLayout } from './trail.ts'
import type { Window } from './window.ts'

/**
 * A range of consecutive keys that one listing walks: those under `prefix`, after `startAfter` and before `end`.
 * The unit of work. Plain data: it is sent to threads and machines as JSON.
 */
export interface Slice {
  /** The label of the account whose session reads it. */
  readonly account: string
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
  /** Ends with a slash: `…/CloudTrail/us-east-1/`. */
  readonly prefix: string
  /** Exclusive lower bound, a full key. Undefined: starts at the prefix. */
  readonly startAfter?: string | undefined
  /** Exclusive upper bound, a full key. Undefined: ends with the prefix's last key. */
  readonly end?: string | undefined
  /** Keys outside of this window are not selected. The bounds cannot always express it exactly. */
  readonly window: Window
  /** Set if other machines read the rest of the window. */
  readonly shard?: CellShard | undefined
}

/** Returns a slice of one account, log account, region and kind whose bounds include every key of the window. */
export function sliceOf(of: {
  readonly layout: TrailLayout
  readonly account: string
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
  readonly window: Window
  readonly shard?: Shard | undefined
}): Slice {
  const { layout, account, logAccount, region, kind, window } = of
  const prefix = regionPrefix(layout, logAccount, kind, region)
  const shard = of.shard && cellShard(of.shard, kind, window)
  const place = { account, logAccount, region, kind, prefix, shard }
  const startAfter = window.fromMs === undefined ? undefined : lowerBound(place, window.fromMs)
  const end = window.toMs === undefined ? undefined : upperBound(place, window.toMs)
  return bounded(place, startAfter, end, window)
}

/** All slices are built here, so that they have one shape: V8 compiles the code that runs for each key once for each shape. */
function bounded(
  { account, logAccount, region, kind, prefix, shard }: Place & Pick<Slice, 'account' | 'shard'>,
  startAfter: string | undefined,
  end: string | undefined,
  { fromMs, toMs }: Window,
): Slice {
  return { account, logAccount, region, kind, prefix, startAfter, end, window: { fromMs, toMs }, shard }
}

/** The keys after `startAfter` and before `end`. */
export type KeyRange = Pick<Slice, 'startAfter' | 'end'>

/** Returns the key ranges of a slice that belong to its shard, in key order. The ranges of all shards are exactly the slice. */
export function* shardRanges(slice: Slice, shard: CellShard): Generator<KeyRange> {
  const { fromMs, toMs } = slice.window
  if (fromMs === undefined || toMs === undefined) throw new Error('a shard needs a window with a start and an end')
  const cells = new ShardCells(slice.prefix, shard)
  const stopMs = Math.min(ceilTo(toMs, grainMs(slice.kind)), lastInstantMs)
  for (let startMs = cells.next(fromMs); startMs < stopMs; startMs = cells.next(startMs + shard.cellMs)) {
    const endMs = startMs + shard.cellMs
    yield {
      startAfter: startMs <= fromMs ? slice.startAfter : boundAt(slice, startMs),
      end: endMs >= stopMs ? slice.end : boundAt(slice, endMs),
    }
  }
}

/**
 * Splits a slice into the keys from before an instant and the other keys. The instant is rounded down to what the bounds of the kind
 * can express, a minute or a day. Returns undefined if one side would be empty.
 */
export function splitSlice(slice: Slice, atMs: number): [Slice, Slice] | undefined {
  const cutMs = floorTo(atMs, grainMs(slice.kind))
  const { fromMs, toMs } = slice.window
  if (cutMs < 0 || cutMs > lastInstantMs || cutMs <= (fromMs ?? -Infinity) || cutMs >= (toMs ?? Infinity))
    return undefined
  const bound = boundAt(slice, cutMs)
  if (slice.startAfter !== undefined && compareKeys(bound, slice.startAfter) <= 0) return undefined
  if (slice.end !== undefined && compareKeys(bound, slice.end) >= 0) return undefined
  return [
    bounded(slice, slice.startAfter, bound, { fromMs, toMs: cutMs }),
    bounded(slice, bound, slice.end, { fromMs: cutMs, toMs }),
  ]
}

/**
 * Returns the instant at which to split a slice whose listing has reached a key of `lastDeliveredAtMs`: the middle of the rest of its
 * window. An open or future end counts as `nowMs`. Undefined if the rest is too short to be worth another listing.
 */
export function splitPoint(slice: Slice, lastDeliveredAtMs: number, nowMs: number): number | undefined {
  const startMs = Math.max(lastDeliveredAtMs, slice.window.fromMs ?? 0)
  const endMs = Math.min(slice.window.toMs ?? nowMs, nowMs)
  const worthMs = hasMinuteBounds(slice.kind) ? hourMs : 2 * dayMs
  if (endMs - startMs < worthMs) return undefined
  return floorTo((startMs + endMs) / 2, grainMs(slice.kind))
}

type Place = Pick<Slice, 'prefix' | 'logAccount' | 'region' | 'kind'>

// Stamps are whole minutes, so rounding the start up to the next minute excludes no key of the window.
function lowerBound(place: Place, fromMs: number): string {
  const startMs = hasMinuteBounds(place.kind) ? ceilTo(fromMs, minuteMs) : floorTo(fromMs, dayMs)
  return boundAt(place, Math.max(0, Math.min(startMs, lastInstantMs)))
}

function upperBound(place: Place, toMs: number): string | undefined {
  const stopMs = ceilTo(toMs, grainMs(place.kind))
  return stopMs > lastInstantMs ? undefined : boundAt(place, Math.max(0, stopMs))
}

/** A string that sorts after all keys from before a whole minute or day, and before the others. */
function boundAt(place: Place, instantMs: number): string {
  const dayBound = place.prefix + dayFolder(instantMs)
  if (!hasMinuteBounds(place.kind)) return dayBound
  return `${dayBound}${place.logAccount}_${kindFolder(place.kind)}_${place.region}_${stampOf(instantMs, 'minute')}`
}

// A bound within a day needs the file name up to the stamp. A digest's has the name of its trail, and the other two kinds are not documented.
function hasMinuteBounds(kind: Kind): boolean {
  return kind === 'events' || kind === 'insight'
}

function grainMs(kind: Kind): number {
  return hasMinuteBounds(kind) ? minuteMs : dayMs
}

function floorTo(instantMs: number, stepMs: number): number {
  return Math.floor(instantMs / stepMs) * stepMs
}

function ceilTo(instantMs: number, stepMs: number): number {
  return Math.ceil(instantMs / stepMs) * stepMs
}
