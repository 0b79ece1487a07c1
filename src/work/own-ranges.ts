import { compareKeys } from '../trail/key-order.ts'
import { type KeyRange, shardRanges, type Slice } from '../trail/slice.ts'

/** The key ranges of a slice that this machine reads: all of it, or those of its shard. Ask for keys in key order. */
export class OwnRanges {
  readonly #rest: Iterator<KeyRange, undefined>
  readonly #isWhole: boolean
  #range: KeyRange | undefined

  constructor(slice: Slice) {
    const { shard } = slice
    this.#isWhole = shard === undefined
    this.#rest = (shard === undefined ? [slice] : shardRanges(slice, shard))[Symbol.iterator]() as Iterator<
      KeyRange,
      undefined
    >
    this.#range = this.#rest.next().value
  }

  /** Whether no range is left. */
  get areOver(): boolean {
    return this.#range === undefined
  }

  /** From where to list: the start of the range that holds the last key, or of the next one. */
  get startAfter(): string | undefined {
    return this.#range?.startAfter
  }

  /** Whether this machine reads a key of the slice. */
  holds(key: string): boolean {
    if (this.#isWhole) return true
    while (this.#range?.end !== undefined && compareKeys(key, this.#range.end) >= 0) {
      this.#range = this.#rest.next().value
    }
    const range = this.#range
    return range !== undefined && (range.startAfter === undefined || compareKeys(key, range.startAfter) > 0)
  }
}
