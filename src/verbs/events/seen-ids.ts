import { eventIdBytes } from '../../sinks/event-id.ts'

const wordsPerId = eventIdBytes / 4
/** The maximum number of ids in one table. Two tables that are half full need at most 128 MB. */
const mostIds = 2 * 1024 * 1024

/** The first room of a table: 1 MB, which a search of a few hundred logs does not outgrow. */
const firstRoom = 32 * 1024

/**
 * Remembers event ids: at least the last `mostIds` different ones. When the young table is full, it becomes the old one, and the previous old
 * one is dropped.
 */
export class SeenIds {
  #young: IdTable
  #old: IdTable | undefined
  readonly #mostIds: number
  /** Whether ids were dropped. */
  forgot = false

  constructor(most = mostIds) {
    this.#mostIds = most
    this.#young = new IdTable(Math.min(most, firstRoom))
  }

  /** Adds an id, and returns whether it was new. Zeros mean that the record has no id, and are always new. */
  add(ids: Uint8Array, at: number): boolean {
    const start = at * eventIdBytes
    const a = wordAt(ids, start)
    const b = wordAt(ids, start + 4)
    const c = wordAt(ids, start + 8)
    const d = wordAt(ids, start + 12)
    if ((a | b | c | d) === 0) return true
    if (this.#young.has(a, b, c, d) || this.#old?.has(a, b, c, d) === true) return false
    if (this.#young.count === this.#mostIds) {
      this.forgot ||= this.#old !== undefined
      this.#old = this.#young
      this.#young = new IdTable(Math.min(this.#mostIds, firstRoom))
    }
    this.#young.add(a, b, c, d)
    return true
  }
}

/** A hash table of ids. An id is passed as four numbers, because creating an array for each id would take longer than finding it. */
class IdTable {
  #words: Uint32Array
  #mask: number
  count = 0

  constructor(room: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, room * 2)))
    this.#words = new Uint32Array(slots * wordsPerId)
    this.#mask = slots - 1
  }

  has(a: number, b: number, c: number, d: number): boolean {
    return this.#isAt(this.#find(a, b, c, d))
  }

  add(a: number, b: number, c: number, d: number): void {
    if ((this.count + 1) * 2 > this.#mask + 1) this.#grow()
    this.#put(a, b, c, d)
    this.count++
  }

  #put(a: number, b: number, c: number, d: number): void {
    const words = this.#words
    const at = this.#find(a, b, c, d) * wordsPerId
    words[at] = a
    words[at + 1] = b
    words[at + 2] = c
    words[at + 3] = d
  }

  /** Returns the slot of an id, or the free slot for it. */
  #find(a: number, b: number, c: number, d: number): number {
    const words = this.#words
    let slot = mixed(a, b, c, d) & this.#mask
    for (; this.#isAt(slot); slot = (slot + 1) & this.#mask) {
      const at = slot * wordsPerId
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return slot
    }
    return slot
  }

  #isAt(slot: number): boolean {
    const at = slot * wordsPerId
    const words = this.#words
    return ((words[at] ?? 0) | (words[at + 1] ?? 0) | (words[at + 2] ?? 0) | (words[at + 3] ?? 0)) !== 0
  }

  #grow(): void {
    const old = this.#words
    this.#words = new Uint32Array(old.length * 2)
    this.#mask = this.#mask * 2 + 1
    for (let at = 0; at < old.length; at += wordsPerId) {
      const a = old[at] ?? 0
      const b = old[at + 1] ?? 0
      const c = old[at + 2] ?? 0
      const d = old[at + 3] ?? 0
      if ((a | b | c | d) !== 0) this.#put(a, b, c, d)
    }
  }
}

/** Reads four bytes as a number. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  )
}

/** Most ids are random, but ids that count up would all get the same slot without mixing. */
function mixed(a: number, b: number, c: number, d: number): number {
  const word = Math.imul(a ^ Math.imul(b ^ Math.imul(c ^ Math.imul(d, 0x9e3779b1), 0x85ebca6b), 0xc2b2ae35), 0x27d4eb2f)
  return word ^ (word >>> 15)
}
