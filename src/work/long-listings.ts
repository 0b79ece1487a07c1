import { Slots } from '../disk/slots.ts'
import { LoopLoad } from '../s3/loop-load.ts'

/**
 * Two listings keep this thread busy if the server is near. With eight, a million keys took a sixth longer, because pages that wait cost
 * garbage collection.
 */
const initialListings = 2

/** This many keep this thread busy if the server takes 300 ms per page. Each holds up to two pages of a megabyte. */
const mostListings = 32

/** A near server delivers a dozen pages while this thread happens to wait. With a step for each of them, the limit would swing between 2 and 32. */
const stepMs = 50
const step = 1.5

export interface LongListingsOptions {
  /** True if this thread is busy all the time. */
  readonly isBusy?: (() => boolean) | undefined
  readonly nowMs?: (() => number) | undefined
}

/**
 * Limits the listings that continue after their first page. Every 50 ms the limit grows by half if this thread is idle at times, because
 * the server is then the bottleneck. Otherwise it shrinks by a third.
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

  /** Call it when the objects of a page were taken without waiting. */
  pageTaken(): void {
    const nowMs = this.#nowMs()
    if (nowMs - this.#steppedMs < stepMs) return
    this.#steppedMs = nowMs
    this.limit = this.#isBusy()
      ? Math.max(initialListings, Math.floor(this.limit / step))
      : Math.min(mostListings, Math.ceil(this.limit * step))
  }
}
