import type { AccountId } from '../../trail/account-id.ts'
import type { Kind } from '../../trail/kind.ts'
import type { KeyParts } from '../../trail/log-object.ts'

/** Why an object in the window is not deleted. */
export const keptReasons = ['logs-remain', 'not-archived', 'archive-differs', 'not-compared', 'unverified'] as const

export type KeptReason = (typeof keptReasons)[number]

/** Objects, their bytes, and the delivery times of the oldest and the newest. */
export interface PlanTotal {
  readonly objects: number
  readonly bytes: number
  readonly oldestMs?: number | undefined
  readonly newestMs?: number | undefined
}

/** What is deleted of one account, log account, region, kind and month of delivery (`2026-11`, UTC). */
export interface PlanGroup {
  readonly account: string
  readonly logAccount: AccountId
  readonly region: string
  readonly kind: Kind
  readonly month: string
  readonly objects: number
  readonly deletions: number
  readonly bytes: number
}

/** A log account and region in which newer digests would be deleted while older ones stay. */
export interface BrokenChain {
  readonly logAccount: AccountId
  readonly region: string
}

/** A public key of CloudTrail that proves digests of a plan, with its source. */
export interface PlanKey {
  readonly region?: string | undefined
  readonly fingerprint: string
  readonly source: string
  readonly digests: number
}

/** The totals of a plan. Bytes and deletions count every version. */
export interface PlanFacts {
  readonly planned: PlanTotal & { readonly deletions: number }
  /** What was listed and is not deleted: objects outside the window, and kept ones. */
  readonly remaining: PlanTotal
  readonly kept: Readonly<Record<KeptReason, number>>
  readonly groups: readonly PlanGroup[]
  readonly brokenChains: readonly BrokenChain[]
  /** Set if the plan has only verified objects. */
  readonly keys?: readonly PlanKey[] | undefined
}

export class TotalCounter {
  #objects = 0
  #bytes = 0
  #oldestMs: number | undefined
  #newestMs: number | undefined

  add(deliveredAtMs: number, bytes: number, objects = 1): void {
    this.#objects += objects
    this.#bytes += bytes
    this.#oldestMs = Math.min(this.#oldestMs ?? deliveredAtMs, deliveredAtMs)
    this.#newestMs = Math.max(this.#newestMs ?? deliveredAtMs, deliveredAtMs)
  }

  total(): PlanTotal {
    return { objects: this.#objects, bytes: this.#bytes, oldestMs: this.#oldestMs, newestMs: this.#newestMs }
  }
}

/** Counts what a plan deletes. Versions of one key come one after the other, and count as one object. */
export class PlannedCounter {
  readonly #total = new TotalCounter()
  readonly #groups = new Map<string, { -readonly [Field in keyof PlanGroup]: PlanGroup[Field] }>()
  #deletions = 0
  #lastKey = ''

  add(account: string, object: KeyParts & { readonly key: string }, bytes: number): void {
    const { key, logAccount, region, kind, deliveredAtMs } = object
    const objects = key === this.#lastKey ? 0 : 1
    this.#lastKey = key
    this.#deletions++
    this.#total.add(deliveredAtMs, bytes, objects)
    const month = new Date(deliveredAtMs).toISOString().slice(0, 7)
    const name = `${account}/${logAccount}/${region}/${kind}/${month}`
    let group = this.#groups.get(name)
    if (group === undefined) {
      group = { account, logAccount, region, kind, month, objects: 0, deletions: 0, bytes: 0 }
      this.#groups.set(name, group)
    }
    group.objects += objects
    group.deletions++
    group.bytes += bytes
  }

  facts(): Pick<PlanFacts, 'planned' | 'groups'> {
    return {
      planned: { ...this.#total.total(), deletions: this.#deletions },
      groups: [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => ({ ...group })),
    }
  }
}
