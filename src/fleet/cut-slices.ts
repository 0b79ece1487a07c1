import { dayMs, hourMs } from '../trail/calendar.ts'
import type { Kind } from '../trail/kind.ts'

/** A log account, region and kind with many logs, and how many they are. */
export interface Density {
  readonly kind: Kind
  readonly fromMs: number
  readonly toMs: number
  /** When its first log was delivered. */
  readonly firstMs: number
  /** The most logs for each hour that were seen at some instant. */
  readonly logsPerHour: number
}

/** A half-open span of time. */
export interface Piece {
  readonly fromMs: number
  readonly toMs: number
}

/** So many logs should a slice have. A worker that dies loses what it did of one. */
const logsPerSlice = 10_000
/** A queue must hold all slices of a run. */
export const mostSlices = 20_000

/** Lengths of the cells in which time is cut. Listings of most kinds can start only at a day. */
const dayCells = [28 * dayMs, 7 * dayMs, dayMs]
const cells = [...dayCells, 6 * hourMs, hourMs]

/** Cuts dense places so that there are at most `most` pieces, if each place alone does not make more. The pieces of a place follow each other. */
export function cutPlaces(places: readonly Density[], most: number): readonly (readonly Piece[])[] {
  for (let logs = logsPerSlice; ; logs *= 2) {
    const cellsOf = places.map((place) => cellOf(place, logs))
    const count = places.reduce((sum, place, at) => sum + countOf(place, cellsOf[at] ?? Infinity), 0)
    const isWhole = cellsOf.every((cellMs) => cellMs === Infinity)
    if (count <= most || isWhole) return places.map((place, at) => cut(place, cellsOf[at] ?? Infinity))
  }
}

/** The longest cell that has no more logs than these, or the shortest one. `Infinity` if all of the place is one piece. */
function cellOf({ kind, fromMs, toMs, firstMs, logsPerHour }: Density, logs: number): number {
  const lengths = kind === 'events' || kind === 'insight' ? cells : dayCells
  const logsIn = (spanMs: number) => (spanMs / hourMs) * logsPerHour
  if (logsIn(toMs - Math.max(fromMs, firstMs)) <= logs) return Infinity
  return lengths.find((length) => logsIn(length) <= logs) ?? lengths.at(-1) ?? dayMs
}

function countOf({ toMs, ...place }: Density, cellMs: number): number {
  return cellMs === Infinity ? 1 : 1 + Math.ceil((toMs - firstCut(place, cellMs)) / cellMs)
}

/** Cells start at multiples of their length since 1970, so that the same time is always cut alike. The first piece ends with the cell of the first log. */
function cut({ fromMs, toMs, firstMs }: Density, cellMs: number): Piece[] {
  const pieces: Piece[] = []
  let startMs = fromMs
  if (cellMs !== Infinity) {
    for (let atMs = firstCut({ fromMs, firstMs }, cellMs); atMs < toMs; atMs += cellMs) {
      pieces.push({ fromMs: startMs, toMs: atMs })
      startMs = atMs
    }
  }
  return [...pieces, { fromMs: startMs, toMs }]
}

function firstCut({ fromMs, firstMs }: Pick<Density, 'fromMs' | 'firstMs'>, cellMs: number): number {
  return (Math.floor(Math.max(fromMs, firstMs) / cellMs) + 1) * cellMs
}
