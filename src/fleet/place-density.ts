import type { ListPage } from '../s3/list-page.ts'
import { dayMs, hourMs, minuteMs } from '../trail/calendar.ts'
import { deliveryTimes } from '../trail/key.ts'
import { compareKeys } from '../trail/key-order.ts'
import { type Slice, sliceOf } from '../trail/slice.ts'
import type { TrailLayout } from '../trail/trail.ts'
import type { Listing } from '../work/plan.ts'
import type { Density } from './cut-slices.ts'

/** A place with many logs is looked into at so many more instants, because some times have more logs than others. */
const samples = 4

/** Returns how dense a place is, or the number of its objects if one page of its listing has all of them. */
export async function densityOf(
  place: Slice,
  layout: TrailLayout,
  bucket: Listing,
  signal: AbortSignal,
): Promise<Density | number> {
  const { kind, prefix, window } = place
  const { fromMs = 0, toMs = fromMs } = window
  const page = await bucket.listPage({ prefix, startAfter: place.startAfter }, signal)
  if (isAll(page, place)) return page.objects.filter(({ key }) => isBefore(key, place.end)).length
  const times = timesOf(page, place)
  const firstMs = Math.max(fromMs, Math.min(toMs, ...times))
  const rates = await Promise.all(
    Array.from({ length: samples }, async (_, at) => {
      const atMs = Math.floor(firstMs + ((toMs - firstMs) * (at + 1)) / (samples + 1))
      const rest = sliceOf({ ...place, layout, window: { fromMs: atMs, toMs } })
      return rateOf(await bucket.listPage({ prefix, startAfter: rest.startAfter }, signal), rest, atMs)
    }),
  )
  return { kind, fromMs, toMs, firstMs, logsPerHour: Math.max(rateOf(page, place, firstMs), ...rates) }
}

function isAll({ objects, nextToken }: ListPage, { end }: Slice): boolean {
  const last = objects.at(-1)?.key
  return nextToken === undefined || (last !== undefined && !isBefore(last, end))
}

function isBefore(key: string, end: string | undefined): boolean {
  return end === undefined || compareKeys(key, end) < 0
}

function timesOf({ objects }: ListPage, place: Slice): number[] {
  const deliveredAt = deliveryTimes(place)
  return objects.flatMap(({ key }) => deliveredAt(key) ?? [])
}

/** Logs for each hour from an instant on, as one page of the listing shows them. */
function rateOf(page: ListPage, place: Slice, atMs: number): number {
  const times = timesOf(page, place)
  if (times.length === 0) return 0
  const { toMs = atMs } = place.window
  if (isAll(page, place)) return times.length / Math.max(1, (toMs - atMs) / hourMs)
  const lastMs = Math.max(...times)
  if (place.kind === 'events' || place.kind === 'insight') {
    return (times.length * hourMs) / Math.max(minuteMs, lastMs - atMs)
  }
  // The names of other kinds do not sort by time within a day, so only whole days can be counted.
  const days = Math.floor(lastMs / dayMs) - Math.floor(atMs / dayMs)
  return days === 0 ? times.length : (times.length * hourMs) / (days * dayMs)
}
