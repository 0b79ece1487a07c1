import { eventIdBytes } from '../../sinks/event-id.ts'

const wordsPerId = eventIdBytes / 4
/** Two generations of so many ids in tables that are half full: 128 MB at most. */
const mostIds = 2 * 1024 * 1024

/**
 * Remembers event ids. Exact for the last `mostIds` of them at least; `forgot` says whether older ones were dropped.
 */
export class SeenIds {
  #young: IdTable
  #old: IdTable | undefined
  readonly #mostIds: number
  forgot = false

  constructor(most = mostIds) {
    this.#mostIds = most
    this.#young = new IdTable(Math.min(most, 4096))
  }

  /** Adds an id, and answers whether it was new. Zeros stand for no id, and are always new. */
  add(ids: Uint8Array, at: number): boolean {
    const view = new DataView(ids.buffer, ids.byteOffset + at * eventIdBytes, eventIdBytes)
    const words = [0, 4, 8, 12].map((offset) => view.getUint32(offset)) as [number, number, number, number]
    if (words.every((word) => word === 0)) return true
    if (this.#young.has(words) || this.#old?.has(words) === true) return false
    if (this.#young.count === this.#mostIds) {
      this.forgot ||= this.#old !== undefined
      this.#old = this.#young
      this.#young = new IdTable(4096)
    }
    this.#young.add(words)
    return true
  }
}

type Id = readonly [number, number, number, number]

/** A hash table of ids. */
class IdTable {
  #words: Uint32Array
  #mask: number
  count = 0

  constructor(room: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, room * 2)))
    this.#words = new Uint32Array(slots * wordsPerId)
    this.#mask = slots - 1
  }

  has(id: Id): boolean {
    return this.#isAt(this.#find(id))
  }

  add(id: Id): void {
    if ((this.count + 1) * 2 > this.#mask + 1) this.#grow()
    this.#words.set(id, this.#find(id) * wordsPerId)
    this.count++
  }

  /** Its place, or the free one that it would take. */
  #find([a, b, c, d]: Id): number {
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
      const [a = 0, b = 0, c = 0, d = 0] = old.subarray(at, at + wordsPerId)
      if ((a | b | c | d) !== 0) this.#words.set([a, b, c, d], this.#find([a, b, c, d]) * wordsPerId)
    }
  }
}

/** Ids are random as a rule. Those that count up would all have the same place without this. */
function mixed(a: number, b: number, c: number, d: number): number {
  const word = Math.imul(a ^ Math.imul(b ^ Math.imul(c ^ Math.imul(d, 0x9e3779b1), 0x85ebca6b), 0xc2b2ae35), 0x27d4eb2f)
  return word ^ (word >>> 15)
}
