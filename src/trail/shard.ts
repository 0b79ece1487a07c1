import { dayMs, hourMs, minuteMs } from './calendar.ts'
import type { Kind } from './kind.ts'
import type { Window } from './window.ts'

/** One of several equal parts of the work. Every machine that knows the number and the count knows what belongs to it. Plain data. */
export interface Shard {
  /** From 0. */
  readonly index: number
  readonly count: number
}

/** The shard of a slice: time is cut into cells of this length, and each cell belongs to one shard. Plain data. */
export interface CellShard extends Shard {
  readonly cellMs: number
}

/** Trails deliver about every five minutes, so shorter cells would divide nothing. */
const cellLengths = [dayMs, hourMs, 5 * minuteMs] as const
const shortestCellMs = 5 * minuteMs
/** So many cells for each shard even out days and nights. */
const cellsPerShard = 8

/**
 * Returns the shard of the slices of a kind. It depends only on its arguments, never on what a bucket holds: two machines that list at different
 * times must cut alike, or a log would belong to none. Listings of most kinds can start only at a day.
 */
export function cellShard({ index, count }: Shard, kind: Kind, { fromMs = 0, toMs = fromMs }: Window): CellShard {
  const lengths = kind === 'events' || kind === 'insight' ? cellLengths : [dayMs]
  const fitting = lengths.find((length) => toMs - fromMs >= length * count * cellsPerShard)
  return { index, count, cellMs: fitting ?? lengths.at(-1) ?? shortestCellMs }
}

/** Tells which cells of one place belong to a shard. Of `count` consecutive cells, each shard has one, at a place that changes. */
export class ShardCells {
  readonly #place: string
  readonly #shard: CellShard
  #block = Number.NaN
  #offset = 0

  /** `place` names a log account, region and kind in the same way on every machine, such as their prefix. */
  constructor(place: string, shard: CellShard) {
    this.#place = place
    this.#shard = shard
  }

  /** The start of the shard's first cell that ends after an instant. It may be before the instant. */
  next(fromMs: number): number {
    const { cellMs } = this.#shard
    let cell = Math.floor(fromMs / cellMs)
    while (!this.#owns(cell)) cell++
    return cell * cellMs
  }

  #owns(cell: number): boolean {
    const { index, count } = this.#shard
    const block = Math.floor(cell / count)
    if (block !== this.#block) {
      this.#block = block
      // Another order in each block: otherwise a shard of seven would have all Sundays.
      this.#offset = shardOf(`${this.#place} ${block}`, count)
    }
    return (cell - block * count + this.#offset) % count === index
  }
}

/** Returns the shard of a name, which is the same on every machine and in every version. */
export function shardOf(name: string, count: number): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193)
  // FNV-1a alone spreads names that differ only in their last letters badly. This is the finish of MurmurHash3.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) % count
}

export function isInShard(name: string, shard: Shard | undefined): boolean {
  return shard === undefined || shardOf(name, shard.count) === shard.index
}
