const firstSlabBytes = 16 * 1024
const largestSlabBytes = 1024 * 1024

/** Keeps slabs for later rows. New memory costs more time than copying rows into it. */
export class SlabPool {
  readonly #free = new Map<number, Buffer[]>()

  take(size: number): Buffer {
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size)
  }

  give(slab: Buffer): void {
    const free = this.#free.get(slab.length)
    if (free === undefined) this.#free.set(slab.length, [slab])
    else free.push(slab)
  }
}

/** Keeps copies of rows in a few large buffers. */
export class RowBuffer {
  readonly #pool: SlabPool
  #slab: Buffer = Buffer.alloc(0)
  #used = 0
  readonly #slabs: Buffer[] = []
  /** For each row: the slab that it is in, and its start and end there. */
  readonly #slabOf: number[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #timesMs: number[] = []
  #bytes = 0

  constructor(pool = new SlabPool()) {
    this.#pool = pool
  }

  get count(): number {
    return this.#timesMs.length
  }

  get bytes(): number {
    return this.#bytes
  }

  add(row: Buffer, timeMs: number): void {
    if (this.#used + row.length > this.#slab.length) {
      this.#slab = this.#newSlab(row.length)
      this.#slabs.push(this.#slab)
      this.#used = 0
    }
    row.copy(this.#slab, this.#used)
    this.#slabOf.push(this.#slabs.length - 1)
    this.#starts.push(this.#used)
    this.#used += row.length
    this.#ends.push(this.#used)
    this.#timesMs.push(timeMs)
    this.#bytes += row.length
  }

  /** Each slab is twice as large as the last one. A row that is larger than any slab gets its own memory. */
  #newSlab(rowBytes: number): Buffer {
    if (rowBytes > largestSlabBytes) return Buffer.allocUnsafeSlow(rowBytes)
    let size = Math.min(largestSlabBytes, Math.max(firstSlabBytes, this.#slab.length * 2))
    while (size < rowBytes) size *= 2
    return this.#pool.take(size)
  }

  /** Gives the memory of all rows to later ones. The rows must not be used any more. */
  release(): void {
    for (const slab of this.#slabs.splice(0)) if (slab.length <= largestSlabBytes) this.#pool.give(slab)
  }

  row(at: number): Buffer {
    const slab = this.#slabs[this.#slabOf[at] ?? -1]
    if (slab === undefined) throw new RangeError(`there is no row ${at}`)
    return slab.subarray(this.#starts[at], this.#ends[at])
  }

  timeMs(at: number): number {
    return this.#timesMs[at] ?? Number.NaN
  }

  /** Returns the indexes of the rows, sorted by time. Rows without a time come last. */
  byTime(): Uint32Array {
    const key = (at: number): number => (Number.isNaN(this.timeMs(at)) ? Infinity : this.timeMs(at))
    const order = Uint32Array.from(this.#timesMs, (_, at) => at)
    // Infinity minus Infinity is NaN, so keys are compared and not subtracted.
    return order.sort((a, b) => (key(a) === key(b) ? a - b : key(a) < key(b) ? -1 : 1))
  }
}
