import { dayMs } from '../../trail/calendar.ts'

interface Delivered {
  readonly key: string
  readonly deliveredAtMs: number
}

/**
 * Sorts by delivery what comes in the order of keys, day by day: within a day, names sort by something else first, such as the name of the
 * trail. Only one day is in memory.
 */
export async function* sortedByDay<T extends Delivered>(
  pages: AsyncIterable<readonly T[]>,
): AsyncGenerator<readonly T[]> {
  let day: T[] = []
  let number = Number.NaN
  for await (const page of pages) {
    for (const item of page) {
      const itsDay = Math.floor(item.deliveredAtMs / dayMs)
      if (itsDay !== number && day.length > 0) {
        yield day.toSorted(byDelivery)
        day = []
      }
      number = itsDay
      day.push(item)
    }
  }
  if (day.length > 0) yield day.toSorted(byDelivery)
}

function byDelivery(a: Delivered, b: Delivered): number {
  return a.deliveredAtMs - b.deliveredAtMs || (a.key < b.key ? -1 : 1)
}
