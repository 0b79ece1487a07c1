import type { PublicKeysAnswer } from '../../identity/account-public-keys.ts'
import type { PublicKeysQuery } from '../../identity/cloudtrail.ts'
import { publicKeyOf, PublicKeys } from './public-keys.ts'

/** Asks CloudTrail for keys, with the session of some account. */
export type AskForKeys = (query: PublicKeysQuery) => Promise<PublicKeysAnswer>

/** The public keys of a run. It asks CloudTrail once for each region and time: the keys are the same for every account. */
export class KeyRing {
  readonly keys: PublicKeys
  readonly #asks: boolean
  readonly #known = new Map<string, { readonly fromMs: number; readonly toMs: number }>()
  readonly #underWay = new Map<string, Promise<unknown>>()

  /** `given` are keys of a file. If there are any, CloudTrail is not asked. */
  constructor(given: PublicKeys | undefined) {
    this.keys = given ?? new PublicKeys()
    this.#asks = given === undefined
  }

  /** Gets the keys of a region that were valid in a time. Rejects as `ask`: another account may then try. */
  async need({ region, fromMs, toMs }: PublicKeysQuery, ask: AskForKeys): Promise<void> {
    if (!this.#asks) return
    const mine = this.#after(this.#underWay.get(region), { region, fromMs, toMs }, ask)
    this.#underWay.set(
      region,
      mine.catch(() => undefined),
    )
    return mine
  }

  async #after(before: Promise<unknown> | undefined, { region, fromMs, toMs }: PublicKeysQuery, ask: AskForKeys) {
    await before
    const known = this.#known.get(region) ?? { fromMs, toMs: fromMs }
    if (known.fromMs <= fromMs && known.toMs >= toMs) return
    const query = { region, fromMs: Math.min(known.fromMs, fromMs), toMs: Math.max(known.toMs, toMs) }
    const { keys, askedBy } = await ask(query)
    for (const key of keys) this.keys.add(publicKeyOf({ ...key, source: `ListPublicKeys in ${region} by ${askedBy}` }))
    this.#known.set(region, query)
  }
}
