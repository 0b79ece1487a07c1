import type { AccountId } from '../trail/account-id.ts'
import type { Kind } from '../trail/kind.ts'
import { dayMs } from '../trail/calendar.ts'
import { dayOf } from '../trail/time.ts'
import type { OutcomeObject } from '../work/outcome.ts'

/** Objects and bytes of a listing, and the delivery times of its oldest and newest log. */
export interface SummaryTotal {
  readonly objects: number
  readonly bytes: number
  readonly oldestMs?: number | undefined
  readonly newestMs?: number | undefined
}

/** The part of one account, log account, region, kind and day of delivery (`2026-11-01`, UTC). */
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
  /** In the order of their names. Made while they are read, and may be read again: a wide listing has a hundred thousand. */
  readonly groups: Iterable<SummaryGroup>
}

type Place = Pick<SummaryGroup, 'account' | 'logAccount' | 'region' | 'kind'>

interface Counted {
  objects: number
  bytes: number
}

interface PlaceCount {
  readonly place: Place
  /** By days since the epoch. */
  readonly days: Map<number, Counted>
}

/** Counts listed objects by account, log account, region, kind and day. Holds two numbers for each of these, never the objects. */
export class Summarizer {
  readonly #places = new Map<string, PlaceCount>()
  /** One log after the other is of the same place. */
  #last: PlaceCount | undefined
  #objects = 0
  #bytes = 0
  #oldestMs: number | undefined
  #newestMs: number | undefined

  add(account: string, object: OutcomeObject): void {
    const { logAccount, region, kind, deliveredAtMs, sizeBytes } = object
    if (logAccount === undefined || region === undefined || kind === undefined || deliveredAtMs === undefined) return
    const { days } = this.#placeOf(account, logAccount, region, kind)
    const dayNumber = Math.floor(deliveredAtMs / dayMs)
    let day = days.get(dayNumber)
    if (day === undefined) days.set(dayNumber, (day = { objects: 0, bytes: 0 }))
    day.objects++
    day.bytes += sizeBytes
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
      count = { place: { account, logAccount, region, kind }, days: new Map() }
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
    const inOrder = [...days].sort(([a], [b]) => a - b)
    const { account, logAccount, region, kind } = place
    for (const [dayNumber, { objects, bytes }] of inOrder) {
      yield { account, logAccount, region, kind, day: dayOf(dayNumber * dayMs), objects, bytes }
    }
  }
}
