import { Slots } from '../disk/slots.ts'
import { LoopLoad } from '../s3/loop-load.ts'

/**
 * Two keep this thread busy where the server is near. With eight a million keys took a sixth longer: their pages wait, and what waits is
 * moved by the garbage collector.
 */
const initialListings = 2

/** As many keep this thread busy where the server takes 300 ms for a page. Each holds up to two pages, of a megabyte. */
const mostListings = 32

/** A near server gives a dozen pages while this thread happens to wait: with a step for each of them the bound would go to and fro between 2 and 32. */
const stepMs = 50
const step = 1.5

export interface LongListingsOptions {
  /** Whether this thread has no time to spare. */
  readonly isBusy?: (() => boolean) | undefined
  readonly nowMs?: (() => number) | undefined
}

/**
 * Bounds the listings that go beyond their first page. Every 50 ms the bound grows by half if this thread has time to spare, since it is the server then
 * that is waited for, and shrinks by a third if it has none.
 */
export class LongListings extends Slots {
  readonly #isBusy: () => boolean
  readonly #nowMs: () => number
  #steppedMs = -Infinity

  constructor({ isBusy, nowMs = () => performance.now() }: LongListingsOptions = {}) {
    super(initialListings)
    const load = new LoopLoad()
    this.#nowMs = nowMs
    this.#isBusy = isBusy ?? (() => load.isFull())
  }

  /** A page came, and its objects were taken without waiting for anybody. */
  pageTaken(): void {
    const nowMs = this.#nowMs()
    if (nowMs - this.#steppedMs < stepMs) return
    this.#steppedMs = nowMs
    this.limit = this.#isBusy()
      ? Math.max(initialListings, Math.floor(this.limit / step))
      : Math.min(mostListings, Math.ceil(this.limit * step))
  }
}
