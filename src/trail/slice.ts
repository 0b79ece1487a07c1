import type { AccountId } from './account-id.ts'
import { dayMs, hourMs, lastInstantMs, minuteMs } from './calendar.ts'
import { compareKeys } from './key-order.ts'
import { regionPrefix } from './key-prefix.ts'
import { type Kind, kindFolder } from './kind.ts'
import { dayFolder, stampOf } from './stamp.ts'
import type { TrailLayout } from './trail.ts'
import type { Window } from './window.ts'

/**
 * A run of consecutive keys that one listing walks: those under `prefix`, after `startAfter`, up to and without `end`.
 * The unit of work. Plain data: it crosses threads and machines as JSON.
 */
export interface Slice {
  /** The label of the account whose session reads it. */
  readonly account: string
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
  /** Ends with a slash: `…/CloudTrail/us-east-1/`. */
  readonly prefix: string
  /** Exclusive lower bound, a full key; undefined starts at the prefix. */
  readonly startAfter?: string | undefined
  /** Exclusive upper bound, a full key; undefined goes to the prefix's last key. */
  readonly end?: string | undefined
  /** The instants whose keys lie in it. What the bounds cannot say exactly, this does: keys outside of it are not selected. */
  readonly window: Window
}

/** A slice of one account, log account, region and kind whose bounds hold every key of the window. */
export function sliceOf(of: {
  readonly layout: TrailLayout
  readonly account: string
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
  readonly window: Window
}): Slice {
  const { layout, account, logAccount, region, kind, window } = of
  const place = { account, logAccount, region, kind, prefix: regionPrefix(layout, logAccount, kind, region) }
  const startAfter = window.fromMs === undefined ? undefined : lowerBound(place, window.fromMs)
  const end = window.toMs === undefined ? undefined : upperBound(place, window.toMs)
  return bounded(place, startAfter, end, window)
}

/** Written out in one place: what runs for each key is compiled for one shape of slice, and anew for every other. */
function bounded(
  { account, logAccount, region, kind, prefix }: Place & Pick<Slice, 'account'>,
  startAfter: string | undefined,
  end: string | undefined,
  { fromMs, toMs }: Window,
): Slice {
  return { account, logAccount, region, kind, prefix, startAfter, end, window: { fromMs, toMs } }
}

/**
 * Two slices that list what one did: keys from before the instant, and the others. The instant is cut to what bounds can
 * say, a minute or a day of the kind; undefined where the cut leaves nothing on one side.
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
 * Where to split a slice whose listing has come to a key of `lastDeliveredAtMs`: the middle of what is left of its window,
 * which an open or future end leaves at `nowMs`. Undefined where less is left than is worth a listing of its own.
 */
export function splitPoint(slice: Slice, lastDeliveredAtMs: number, nowMs: number): number | undefined {
  const startMs = Math.max(lastDeliveredAtMs, slice.window.fromMs ?? 0)
  const endMs = Math.min(slice.window.toMs ?? nowMs, nowMs)
  const worthMs = hasMinuteBounds(slice.kind) ? hourMs : 2 * dayMs
  if (endMs - startMs < worthMs) return undefined
  return floorTo((startMs + endMs) / 2, grainMs(slice.kind))
}

type Place = Pick<Slice, 'prefix' | 'logAccount' | 'region' | 'kind'>

// Stamps are whole minutes: one is at or after an instant exactly when it is at or after the next whole minute.
function lowerBound(place: Place, fromMs: number): string {
  const startMs = hasMinuteBounds(place.kind) ? ceilTo(fromMs, minuteMs) : floorTo(fromMs, dayMs)
  return boundAt(place, Math.max(0, Math.min(startMs, lastInstantMs)))
}

function upperBound(place: Place, toMs: number): string | undefined {
  const stopMs = ceilTo(toMs, grainMs(place.kind))
  return stopMs > lastInstantMs ? undefined : boundAt(place, Math.max(0, stopMs))
}

/** The string between the keys of before a whole minute or day, and the others. */
function boundAt(place: Place, instantMs: number): string {
  const dayBound = place.prefix + dayFolder(instantMs)
  if (!hasMinuteBounds(place.kind)) return dayBound
  return `${dayBound}${place.logAccount}_${kindFolder(place.kind)}_${place.region}_${stampOf(instantMs, 'minute')}`
}

// A bound within a day must know the whole file name up to the stamp: that of a digest holds its trail's name, and the other two are not documented.
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
