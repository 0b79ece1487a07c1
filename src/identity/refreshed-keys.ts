import { type SigningKeys, sameKeys } from './signing-keys.ts'

const longestLeadMs = 5 * 60_000
const leadShare = 0.2
const longestPauseMs = 30_000

interface RefreshOptions {
  readonly now?: (() => number) | undefined
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/**
 * Keys that `load` keeps fresh. They are refreshed in the background when a fifth of their lifetime is left, but at most five minutes
 * before they expire; callers use the old keys meanwhile. A background refresh that fails is repeated while the keys last. Its error is
 * thrown only when they have expired. Concurrent calls share one load. `onFailure` is called for the first background refresh that
 * fails, and again only after one that succeeded.
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

  /** Returns keys that have not expired. If there are none, throws what `load` throws. */
  current(): Promise<Keys> | Keys {
    const keys = this.#keys
    if (keys === undefined || this.#expired(keys)) return this.#refresh()
    if (this.#now() >= this.#dueAtMs) this.#refreshBehind()
    return keys
  }

  /** Returns keys other than `refused`: the current ones if they differ already, else freshly loaded ones. */
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
      // The current keys still sign. Once they have expired, the next caller loads again and gets the error.
      this.#dueAtMs = this.#now() + this.#pauseMs
      if (!this.#failing) this.#onFailure?.(error)
      this.#failing = true
    })
  }
}
