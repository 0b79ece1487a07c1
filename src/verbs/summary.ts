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
  readonly groups: readonly SummaryGroup[]
}

type MutableGroup = { -readonly [Field in keyof SummaryGroup]: SummaryGroup[Field] }

/** Counts listed objects by account, log account, region, kind and day. Holds one group for each, never the objects. */
export class Summarizer {
  readonly #groups = new Map<string, MutableGroup>()
  #last: { readonly group: MutableGroup; readonly dayNumber: number } | undefined
  #objects = 0
  #bytes = 0
  #oldestMs: number | undefined
  #newestMs: number | undefined

  add(account: string, object: OutcomeObject): void {
    const { logAccount, region, kind, deliveredAtMs, sizeBytes } = object
    if (logAccount === undefined || region === undefined || kind === undefined || deliveredAtMs === undefined) return
    const group = this.#groupOf(account, logAccount, region, kind, deliveredAtMs)
    group.objects++
    group.bytes += sizeBytes
    this.#objects++
    this.#bytes += sizeBytes
    this.#oldestMs = Math.min(this.#oldestMs ?? deliveredAtMs, deliveredAtMs)
    this.#newestMs = Math.max(this.#newestMs ?? deliveredAtMs, deliveredAtMs)
  }

  /** One log after the other is of the same group. */
  #groupOf(account: string, logAccount: AccountId, region: string, kind: Kind, deliveredAtMs: number): MutableGroup {
    const last = this.#last
    const dayNumber = Math.floor(deliveredAtMs / dayMs)
    if (
      last?.dayNumber === dayNumber &&
      last.group.region === region &&
      last.group.logAccount === logAccount &&
      last.group.kind === kind &&
      last.group.account === account
    ) {
      return last.group
    }
    const day = dayOf(deliveredAtMs)
    const name = `${account}/${logAccount}/${region}/${kind}/${day}`
    let group = this.#groups.get(name)
    if (group === undefined) {
      group = { account, logAccount, region, kind, day, objects: 0, bytes: 0 }
      this.#groups.set(name, group)
    }
    this.#last = { group, dayNumber }
    return group
  }

  /** Groups in the order of their names. */
  summary(): Summary {
    return {
      total: { objects: this.#objects, bytes: this.#bytes, oldestMs: this.#oldestMs, newestMs: this.#newestMs },
      groups: [...this.#groups.keys()].sort().flatMap((name) => this.#groups.get(name) ?? []),
    }
  }
}
