import { type SigningKeys, sameKeys } from './signing-keys.ts'

const longestLeadMs = 5 * 60_000
const leadShare = 0.2
const longestPauseMs = 30_000

interface RefreshOptions {
  readonly now?: (() => number) | undefined
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/**
 * Keys kept fresh by `load`. They are refreshed when a fifth of their life is left, five minutes at most, in the background: callers go on
 * with the old ones. A refresh that fails ahead of expiry is tried again while the keys last; its error is thrown only when they are gone.
 * Calls that come together share one load. `onFailure` hears the first of refreshes that fail behind the callers' backs, and again
 * only after one that did not.
 */
export class RefreshedKeys<Keys extends SigningKeys> {
  readonly #load: () => Promise<Keys>
  readonly #now: () => number
  #keys: Keys | undefined
  #dueAtMs = Infinity
  #pauseMs = longestPauseMs
  #pending: Promise<Keys> | undefined
  #failing = false
  readonly #onFailure: ((error: unknown) => void) | undefined

  constructor(load: () => Promise<Keys>, options: RefreshOptions = {}) {
    this.#load = load
    this.#now = options.now ?? Date.now
    this.#onFailure = options.onFailure
  }

  /** The keys to use now, never expired ones. Throws what `load` throws when there are none. */
  current(): Promise<Keys> | Keys {
    const keys = this.#keys
    if (keys === undefined || this.#expired(keys)) return this.#refresh()
    if (this.#now() >= this.#dueAtMs) this.#refreshBehind()
    return keys
  }

  /** Other keys than `refused`: those at hand where they differ already, else freshly loaded ones. */
  async renew(refused: SigningKeys): Promise<Keys> {
    const keys = this.#keys
    return keys !== undefined && !sameKeys(keys, refused) && !this.#expired(keys) ? keys : this.#refresh()
  }

  #expired(keys: Keys): boolean {
    return keys.expiresAtMs !== undefined && keys.expiresAtMs <= this.#now()
  }

  #refresh(): Promise<Keys> {
    this.#pending ??= this.#loadOnce().finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }

  async #loadOnce(): Promise<Keys> {
    const keys = await this.#load()
    this.#keys = keys
    this.#failing = false
    const lifeMs = (keys.expiresAtMs ?? Infinity) - this.#now()
    const leadMs = Math.min(longestLeadMs, lifeMs * leadShare)
    this.#dueAtMs = (keys.expiresAtMs ?? Infinity) - leadMs
    this.#pauseMs = Math.min(longestPauseMs, leadMs / 4)
    return keys
  }

  #refreshBehind(): void {
    if (this.#pending !== undefined) return
    this.#refresh().catch((error: unknown) => {
      // The keys at hand still sign; whoever finds them expired loads again and gets the error then.
      this.#dueAtMs = this.#now() + this.#pauseMs
      if (!this.#failing) this.#onFailure?.(error)
      this.#failing = true
    })
  }
}
