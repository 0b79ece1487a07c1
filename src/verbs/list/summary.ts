import type { AccountId } from '../../trail/account-id.ts'
import type { Kind } from '../../trail/kind.ts'
import { dayMs } from '../../trail/calendar.ts'
import { dayOf } from '../../trail/time.ts'
import type { OutcomeObject } from '../../work/outcome.ts'

/** The objects and bytes of a listing, and the delivery times of its oldest and newest log. */
export interface SummaryTotal {
  readonly objects: number
  readonly bytes: number
  readonly oldestMs?: number | undefined
  readonly newestMs?: number | undefined
}

/** The objects and bytes of one account, log account, region, kind and day of delivery (`2026-11-01`, UTC). */
export interface SummaryGroup {
  readonly account: string
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
  readonly day: string
  readonly objects: number
  readonly bytes: number
}

export interface Summary {
  readonly total: SummaryTotal
  /** In the order of their names. They are made while you iterate, because a large listing has 100,000. You can iterate again. */
  readonly groups: Iterable<SummaryGroup>
}

type Place = Pick<SummaryGroup, 'account' | 'logAccount' | 'region' | 'kind'>

interface PlaceCount {
  readonly place: Place
  readonly days: DayCounts
}

/** Counts listed objects by account, log account, region, kind and day. It holds two numbers for each group, never the objects. */
export class Summarizer {
  readonly #places = new Map<string, PlaceCount>()
  /** The group of the last object: the next one is mostly in the same group. */
  #last: PlaceCount | undefined
  #objects = 0
  #bytes = 0
  #oldestMs: number | undefined
  #newestMs: number | undefined

  add(account: string, object: OutcomeObject): void {
    const { logAccount, region, kind, deliveredAtMs, sizeBytes } = object
    if (logAccount === undefined || region === undefined || kind === undefined || deliveredAtMs === undefined) return
    const { days } = this.#placeOf(account, logAccount, region, kind)
    days.add(Math.floor(deliveredAtMs / dayMs), sizeBytes)
    this.#objects++
    this.#bytes += sizeBytes
    this.#oldestMs = Math.min(this.#oldestMs ?? deliveredAtMs, deliveredAtMs)
    this.#newestMs = Math.max(this.#newestMs ?? deliveredAtMs, deliveredAtMs)
  }

  #placeOf(account: string, logAccount: AccountId, region: string, kind: Kind): PlaceCount {
    const last = this.#last?.place
    if (
      this.#last !== undefined &&
      last?.region === region &&
      last.logAccount === logAccount &&
      last.kind === kind &&
      last.account === account
    ) {
      return this.#last
    }
    const name = `${account}/${logAccount}/${region}/${kind}/`
    let count = this.#places.get(name)
    if (count === undefined) {
      count = { place: { account, logAccount, region, kind }, days: new DayCounts() }
      this.#places.set(name, count)
    }
    this.#last = count
    return count
  }

  summary(): Summary {
    const places = [...this.#places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place)
    return {
      total: { objects: this.#objects, bytes: this.#bytes, oldestMs: this.#oldestMs, newestMs: this.#newestMs },
      groups: { [Symbol.iterator]: () => groupsOf(places) },
    }
  }
}

function* groupsOf(places: readonly PlaceCount[]): Generator<SummaryGroup> {
  for (const { place, days } of places) {
    const { account, logAccount, region, kind } = place
    for (const { dayNumber, objects, bytes } of days.inOrder()) {
      yield { account, logAccount, region, kind, day: dayOf(dayNumber * dayMs), objects, bytes }
    }
  }
}

const blockDays = 32

/** Objects and bytes by days since the epoch. One array holds 32 days, because an entry for each day would need six times the memory. */
class DayCounts {
  /** Two numbers for each day of a block. */
  readonly #blocks = new Map<number, number[]>()

  add(dayNumber: number, sizeBytes: number): void {
    const number = Math.floor(dayNumber / blockDays)
    let block = this.#blocks.get(number)
    if (block === undefined) this.#blocks.set(number, (block = Array.from({ length: 2 * blockDays }, () => 0)))
    const at = 2 * (dayNumber - number * blockDays)
    block[at] = (block[at] ?? 0) + 1
    block[at + 1] = (block[at + 1] ?? 0) + sizeBytes
  }

  *inOrder(): Generator<{ readonly dayNumber: number; readonly objects: number; readonly bytes: number }> {
    for (const [number, block] of [...this.#blocks].sort(([a], [b]) => a - b)) {
      for (let day = 0; day < blockDays; day++) {
        const objects = block[2 * day] ?? 0
        if (objects > 0) yield { dayNumber: number * blockDays + day, objects, bytes: block[2 * day + 1] ?? 0 }
      }
    }
  }
}
